import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProviderRequest } from '#lib/adapters';
import { inPieces } from './streams.js';

const FOLDER = join(import.meta.dirname, '..', 'vectors', 'webhooks');

/** A request of `test/vectors/webhooks` and what is to come of it. */
export interface WebhookVector {
  readonly name: string;
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
  readonly config: { readonly webhookSigningKey?: string; readonly secrets?: readonly string[] };
  readonly nowMs: number;
  readonly expect: 'accept' | 'reject';
  readonly why: string;
  readonly expectParsed?: {
    readonly mailFrom: string;
    readonly rcptTo: readonly string[];
    readonly rawSha256?: string;
    readonly providerEventId: string;
  };
}

export function webhookVectors(provider: 'mailgun' | 'standard-webhooks'): WebhookVector[] {
  const folder = join(FOLDER, provider);
  return readdirSync(folder)
    .filter((file) => file.endsWith('.meta.json'))
    .map((file) => {
      const meta = JSON.parse(readFileSync(join(folder, file), 'utf8'));
      return {
        ...meta,
        name: meta.case,
        nowMs: meta.now * 1000,
        body: readFileSync(join(folder, meta.bodyFile)),
      } as WebhookVector;
    });
}

/** As a request arrives; each header once. */
export function webhookRequest(
  headers: Readonly<Record<string, string>>,
  body: Uint8Array | AsyncIterable<Uint8Array>,
  pieceBytes?: number,
): ProviderRequest {
  return {
    headers,
    rawHeaders: Object.entries(headers).flat(),
    body: body instanceof Uint8Array ? inPieces(body, pieceBytes) : body,
    path: '/mime',
  };
}
