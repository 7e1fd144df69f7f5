import { createHash } from 'node:crypto';
import type { AcceptInput } from './ports.js';

/**
 * What makes two requests under one idempotency key the same one: the bytes, from whom, and to whom in whatever order.
 * SHA-256, hex.
 */
export function requestDigest({ sha256, envelope }: Pick<AcceptInput, 'sha256' | 'envelope'>): string {
  const rcptTo = [...new Set(envelope.rcptTo.map(({ address }) => address))].sort();
  return createHash('sha256')
    .update(JSON.stringify([sha256, envelope.mailFrom, rcptTo]))
    .digest('hex');
}
