import type { WriteMiss } from './stores.js';

/** Why a write that names a version found no row, by what stands there. */
export function missOf(found: object | undefined): WriteMiss {
  return { kind: found === undefined ? 'missing' : 'stale' };
}
