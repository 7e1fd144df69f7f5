import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiBearerAuth, ApiExtension, ApiSecurity } from '@nestjs/swagger';
import type { Scope } from '#lib/adapters';

type Scopes = readonly [Scope, ...Scope[]];

/** Who may ask: a key with all of these scopes, one with any of these, or anybody, and then why. */
export type Access = { readonly scopes: Scopes } | { readonly anyOf: Scopes } | { readonly openBecause: string };

export const ACCESS = 'sealflow:access';

/** The route needs an API key with all of these scopes. */
export function NeedsScope(...scopes: [Scope, ...Scope[]]): MethodDecorator & ClassDecorator {
  return applyDecorators(
    SetMetadata(ACCESS, { scopes } satisfies Access),
    ApiBearerAuth('apiKey'),
    ApiExtension('x-scopes', scopes),
  );
}

/** The route needs an API key with one of these scopes; which one, it says itself by what is asked. */
export function NeedsAnyScope(...anyOf: [Scope, ...Scope[]]): MethodDecorator & ClassDecorator {
  return applyDecorators(
    SetMetadata(ACCESS, { anyOf } satisfies Access),
    ApiBearerAuth('apiKey'),
    ApiExtension('x-scopes', anyOf),
    ApiExtension('x-scopes-any', true),
  );
}

/** The route is for everybody. */
export function Open(openBecause: string): MethodDecorator & ClassDecorator {
  return applyDecorators(SetMetadata(ACCESS, { openBecause } satisfies Access), ApiSecurity({}));
}
