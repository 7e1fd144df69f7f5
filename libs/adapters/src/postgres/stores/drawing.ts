import { createHash } from 'node:crypto';
import type { Clock, RandomBytes, Secret } from '#lib/core';

/** What new ids and tokens are drawn from. */
export interface Drawing {
  readonly clock: Clock;
  readonly random: RandomBytes;
}

/** As a token is kept: tokens are drawn at random, so nothing slower is needed. */
export function tokenHash(token: Secret): Buffer {
  return createHash('sha256').update(token.reveal()).digest();
}
