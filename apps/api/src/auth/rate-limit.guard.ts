import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { addressOf, apiKeyOf } from '../http/api-request.js';
import { Platform } from '../platform.js';
import { ApiError } from '../problem/api-error.js';
import { TokenBuckets } from './token-buckets.js';

/** Requests a second of one key, or of one address where no key is needed. The contract promises 200. */
export const REQUESTS_PER_SECOND_MAX = 1_000;

/** Counts by key and not by address, over all routes together. Stands behind the guard that finds the key. */
@Injectable()
export class RateLimitGuard implements CanActivate {
  private readonly buckets: TokenBuckets;

  constructor(platform: Platform) {
    this.buckets = new TokenBuckets(REQUESTS_PER_SECOND_MAX, platform.clock);
  }

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Request>();
    const owner = apiKeyOf(request)?.id ?? `address ${addressOf(request)}`;
    if (!this.buckets.take(owner)) throw new ApiError('ERR_RATE_EXCEEDED', { retryAfterSeconds: 1 });
    return true;
  }
}
