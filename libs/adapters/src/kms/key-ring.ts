import { randomBytes } from 'node:crypto';
import { Secret } from '#lib/core';

const LINE = /^sealflow-key 1 ([0-9a-f]{16}) ([A-Za-z0-9+/]{43}=)$/;
const KEY_BYTES = 32;

/** Bytes of a key's id. */
export const KEY_ID_BYTES = 8;

/** The keys of one key file: the newest one wraps, each opens what it wrapped. */
export interface KeyRing {
  readonly newest: { readonly id: string; readonly key: Secret<Uint8Array> };
  /** By id, 16 hexadecimal digits. */
  readonly byId: ReadonlyMap<string, Secret<Uint8Array>>;
}

/** A new key as a line of a key file: `sealflow-key 1 <id> <base64>`. Rotation adds a line. */
export function newKeyLine(): string {
  return `sealflow-key 1 ${randomBytes(KEY_ID_BYTES).toString('hex')} ${randomBytes(KEY_BYTES).toString('base64')}\n`;
}

/** The keys of a key file, oldest first in it; `undefined` if it is not one. */
export function parseKeyRing(text: string): KeyRing | undefined {
  const byId = new Map<string, Secret<Uint8Array>>();
  let newest: KeyRing['newest'] | undefined;
  for (const line of text.split(/\r?\n/)) {
    if (line === '') continue;
    const [, id, base64] = LINE.exec(line) ?? [];
    if (id === undefined || base64 === undefined) return undefined;
    const key = new Secret<Uint8Array>(Buffer.from(base64, 'base64'));
    byId.set(id, key);
    newest = { id, key };
  }
  return newest === undefined ? undefined : { newest, byId };
}
