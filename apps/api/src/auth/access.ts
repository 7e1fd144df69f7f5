import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiBearerAuth, ApiExtension, ApiSecurity } from '@nestjs/swagger';
import type { Scope } from '#lib/adapters';

/** Who may ask: a key with all of these scopes, or anybody, and then why. */
export type Access = { readonly scopes: readonly [Scope, ...Scope[]] } | { readonly openBecause: string };

export const ACCESS = 'sealflow:access';

/** The route needs an API key with all of these scopes. */
export function NeedsScope(...scopes: [Scope, ...Scope[]]): MethodDecorator & ClassDecorator {
  return applyDecorators(
    SetMetadata(ACCESS, { scopes } satisfies Access),
    ApiBearerAuth('apiKey'),
    ApiExtension('x-scopes', scopes),
  );
}

/** The route is for everybody. */
export function Open(openBecause: string): MethodDecorator & ClassDecorator {
  return applyDecorators(SetMetadata(ACCESS, { openBecause } satisfies Access), ApiSecurity({}));
}
