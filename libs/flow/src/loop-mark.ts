import { createHmac, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto';
import type { Secret } from '#lib/core';

/** Header fields that every copy of ours carries on top. */
export const ID_HEADER = 'X-Sealflow-Id';
export const LOOP_HEADER = 'X-Sealflow-Loop';

/** `<instance>; v=1; h=<base64url of 32 bytes>`. */
const MARK = /^\s*([a-z0-9]{16}); v=1; h=([A-Za-z0-9_-]{43})\s*$/;
/** Marks and ids of a header that are looked at; more are not ours. */
const LOOKED_AT_MAX = 16;

/** One transmission: what a mark stands for. */
export interface Transmission {
  readonly id: string;
  /** Envelope recipients in the form of `normalizeAddress`, in any order. */
  readonly recipients: readonly string[];
  /** SHA-256 of everything behind the header, hex. */
  readonly bodySha256: string;
}

/** What a received message says of itself. */
export interface ReceivedMarks extends Omit<Transmission, 'id'> {
  /** Values of `X-Sealflow-Id`. */
  readonly ids: readonly string[];
}

/**
 * Loop marks of this instance: the instance and an HMAC-SHA256 over id, envelope recipients and a digest of the body, so
 * that a mark which is copied into other mail, or sent to others, means nothing.
 */
export class LoopMarks {
  readonly #key: KeyObject;
  /** Names this instance; derived from its secret, tells nothing of it. */
  readonly instance: string;

  /** `secret`: `Kms.secretFor('loop-mark')`. */
  constructor(secret: Secret<Uint8Array>) {
    this.#key = createSecretKey(secret.reveal());
    this.instance = createHmac('sha256', this.#key).update('instance').digest('hex').slice(0, 16);
  }

  write(transmission: Transmission): string {
    return `${this.instance}; v=1; h=${this.#tag(transmission).toString('base64url')}`;
  }

  /** Those of the values that are marks of ours for this very transmission. */
  validOf(values: readonly string[], received: ReceivedMarks): readonly string[] {
    if (values.length === 0) return [];
    const ids = new Set(received.ids.slice(0, LOOKED_AT_MAX).map((id) => id.trim()));
    const tags = [...ids].map((id) => this.#tag({ ...received, id }));
    return values.slice(0, LOOKED_AT_MAX).filter((value) => {
      const [, instance, tag] = MARK.exec(value) ?? [];
      if (instance !== this.instance || tag === undefined) return false;
      const given = Buffer.from(tag, 'base64url');
      return tags.some((known) => timingSafeEqual(given, known));
    });
  }

  #tag(transmission: Transmission): Buffer {
    const hmac = createHmac('sha256', this.#key);
    const parts = ['mark', transmission.id, transmission.bodySha256, ...[...transmission.recipients].sort()];
    for (const part of parts) hmac.update(`${Buffer.byteLength(part)}:`).update(part);
    return hmac.digest();
  }
}
