import { createHmac, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto';
import type { Secret } from '#lib/core';

/** Header fields that every copy of ours carries on top. */
export const ID_HEADER = 'X-Sealflow-Id';
export const LOOP_HEADER = 'X-Sealflow-Loop';

/** `<instance>; v=2; t=<seconds>; h=<base64url of 32 bytes>`. Version 1 said nothing of the header and never ended. */
const MARK = /^\s*([a-z0-9]{16}); v=2; t=([1-9]\d{0,11}); h=([A-Za-z0-9_-]{43})\s*$/;
/** Delivery is tried for five days; what comes back later is judged like any other mail. */
const VALID_MS = 7 * 24 * 3_600_000;
/** Marks and ids of a header that are looked at; more are not ours. */
const LOOKED_AT_MAX = 16;

/** One transmission: what a mark stands for. */
export interface Transmission {
  readonly id: string;
  /** Envelope recipients in the form of `normalizeAddress`, in any order. */
  readonly recipients: readonly string[];
  /** SHA-256 of everything behind the header, hex. */
  readonly bodySha256: string;
  /** What its header says of the content, of `headerDigest`, hex. */
  readonly headerSha256: string;
  /** When it was accepted; counted in seconds. */
  readonly acceptedAt: Date;
}

/** What a received message says of itself. */
export interface ReceivedMarks extends Omit<Transmission, 'id' | 'acceptedAt'> {
  /** Values of `X-Sealflow-Id`. */
  readonly ids: readonly string[];
  readonly receivedAt: Date;
}

/**
 * Loop marks of this instance: the instance, the time and an HMAC-SHA256 over that, id, envelope recipients and digests
 * of the body and of what the header says of it, so that a mark which is copied into other mail, or sent to others,
 * means nothing. After seven days it means nothing either.
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
    const time = Math.floor(transmission.acceptedAt.getTime() / 1000).toString();
    return `${this.instance}; v=2; t=${time}; h=${this.#tag(transmission, time).toString('base64url')}`;
  }

  /** Those of the values that are marks of ours for this very transmission. */
  validOf(values: readonly string[], received: ReceivedMarks): readonly string[] {
    if (values.length === 0) return [];
    const ids = [...new Set(received.ids.slice(0, LOOKED_AT_MAX).map((id) => id.trim()))];
    return values.slice(0, LOOKED_AT_MAX).filter((value) => {
      const [, instance, time, tag] = MARK.exec(value) ?? [];
      if (instance !== this.instance || time === undefined || tag === undefined) return false;
      if (received.receivedAt.getTime() - Number(time) * 1000 > VALID_MS) return false;
      const given = Buffer.from(tag, 'base64url');
      return ids.some((id) => timingSafeEqual(given, this.#tag({ ...received, id }, time)));
    });
  }

  #tag(transmission: Omit<Transmission, 'acceptedAt'>, time: string): Buffer {
    const { id, bodySha256, headerSha256, recipients } = transmission;
    const hmac = createHmac('sha256', this.#key);
    const parts = ['mark 2', id, time, bodySha256, headerSha256, ...[...recipients].sort()];
    for (const part of parts) hmac.update(`${Buffer.byteLength(part)}:`).update(part);
    return hmac.digest();
  }
}
