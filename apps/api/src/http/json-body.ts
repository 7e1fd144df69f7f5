import { applyDecorators, Injectable, SetMetadata, UseInterceptors } from '@nestjs/common';
import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiConsumes } from '@nestjs/swagger';
import type { Request } from 'express';
import { hasBody, mediaTypeOf } from './media-type.js';
import { readBody } from './request-body.js';
import { JSON_BYTES_MAX, readJson } from './read-json.js';

const OPTIONS = 'sealflow:json-body';

interface JsonBodyOptions {
  readonly types?: readonly string[];
  /** Without a body `{}` is read. */
  readonly isOptional?: boolean;
}

/** Reads the body as JSON, once the key and its scopes are known to be right. */
@Injectable()
export class JsonBodyInterceptor implements NestInterceptor {
  constructor(private readonly reflector: Reflector) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<ReturnType<CallHandler['handle']>> {
    const { types = ['application/json'], isOptional = false } =
      this.reflector.get<JsonBodyOptions | undefined>(OPTIONS, context.getHandler()) ?? {};
    const request = context.switchToHttp().getRequest<Request>();
    if (isOptional && !hasBody(request)) request.body = {};
    else {
      mediaTypeOf(request, types);
      request.body = readJson(await readBody(request, JSON_BYTES_MAX));
    }
    return next.handle();
  }
}

/** The route takes JSON; `@Body()` then has it. */
export function TakesJson(options: JsonBodyOptions = {}): MethodDecorator {
  return applyDecorators(
    SetMetadata(OPTIONS, options),
    UseInterceptors(JsonBodyInterceptor),
    ApiConsumes(...(options.types ?? ['application/json'])),
  );
}
