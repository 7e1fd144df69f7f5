import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock, Secret } from '#lib/core';

const LASTS_SECONDS = 8 * 60 * 60;
export const COOKIE_NAME = 'sealflow_queues';

/** Who has logged in at the dashboard. */
export interface Session {
  readonly organizationId: string;
  readonly apiKeyId: string;
}

interface Content extends Session {
  readonly untilMs: number;
}

/** Signs and checks the cookie of the dashboard: it holds ids and a time, nothing secret, and an HMAC over them. */
export class SessionCookie {
  constructor(
    private readonly key: Secret<Uint8Array>,
    private readonly clock: Clock,
  ) {}

  /** `Set-Cookie` for a new session. */
  issue({ organizationId, apiKeyId }: Session, isSecure: boolean): string {
    const untilMs = this.clock.now().getTime() + LASTS_SECONDS * 1000;
    const content = Buffer.from(JSON.stringify({ organizationId, apiKeyId, untilMs } satisfies Content)).toString(
      'base64url',
    );
    return setCookie(`${content}.${this.#sign(content)}`, LASTS_SECONDS, isSecure);
  }

  /** The session of a `Cookie` header; `undefined` if there is none, it is over, or it is not ours. */
  read(header: string | undefined): Session | undefined {
    const [content = '', signature = ''] = valueOf(header).split('.');
    const [given, right] = [Buffer.from(signature), Buffer.from(this.#sign(content))];
    if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
    const { organizationId, apiKeyId, untilMs } = JSON.parse(Buffer.from(content, 'base64url').toString()) as Content;
    return untilMs > this.clock.now().getTime() ? { organizationId, apiKeyId } : undefined;
  }

  #sign(content: string): string {
    return createHmac('sha256', this.key.reveal()).update(`queues 1 ${content}`).digest('base64url');
  }
}

/** `Set-Cookie` that takes the session away. */
export function expiredCookie(isSecure: boolean): string {
  return setCookie('', 0, isSecure);
}

function setCookie(value: string, maxAgeSeconds: number, isSecure: boolean): string {
  const secure = isSecure ? '; Secure' : '';
  return `${COOKIE_NAME}=${value}; Path=/queues; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Strict${secure}`;
}

function valueOf(header = ''): string {
  const prefix = `${COOKIE_NAME}=`;
  const found = header.split(';').find((one) => one.trim().startsWith(prefix));
  return found === undefined ? '' : found.trim().slice(prefix.length);
}
