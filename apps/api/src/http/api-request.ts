import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import type { ApiKey } from '#lib/adapters';
import { ApiError } from '../problem/api-error.js';

/** What we know of a request besides what came in. */
interface Known {
  apiKey?: ApiKey;
  messageId?: string;
}

const known = new WeakMap<object, Known>();

function of(request: object): Known {
  let found = known.get(request);
  if (found === undefined) {
    found = {};
    known.set(request, found);
  }
  return found;
}

/** The guard has found whose key came with the request. */
export function setApiKey(request: Request, apiKey: ApiKey): void {
  of(request).apiKey = apiKey;
}

/** `undefined` on routes that are open. */
export function apiKeyOf(request: object): ApiKey | undefined {
  return of(request).apiKey;
}

/** The message that the request is about: the correlation id of the log. */
export function setMessageId(request: Request, messageId: string): void {
  of(request).messageId = messageId;
}

export function messageIdOf(request: object): string | undefined {
  return of(request).messageId;
}

/** The API key that asks. */
export const Caller = createParamDecorator((_data: unknown, context: ExecutionContext): ApiKey => {
  const apiKey = apiKeyOf(context.switchToHttp().getRequest<Request>());
  if (apiKey === undefined) throw new ApiError('ERR_API_KEY_MISSING');
  return apiKey;
});

/** The address of the peer, behind trusted proxies the one that they name; IPv4 in its own form. */
export function addressOf(request: Request): string {
  return (request.ip ?? '').replace(/^::ffff:(?=\d+\.)/i, '');
}
