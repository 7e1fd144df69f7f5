import { applyDecorators } from '@nestjs/common';
import { ApiConsumes, ApiExtension } from '@nestjs/swagger';

/** Where `openapi/document.ts` finds the content of a body; the decorators of the framework know one schema for all types. */
export const BODY_EXTENSION = 'x-request-body';

export interface BodyContent {
  readonly schema: object;
  readonly example?: unknown;
}

/** A body that has another shape for each media type. */
export function TakesBody(content: Readonly<Record<string, BodyContent>>): MethodDecorator {
  return applyDecorators(ApiConsumes(...Object.keys(content)), ApiExtension(BODY_EXTENSION, content));
}
