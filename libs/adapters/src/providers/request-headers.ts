import type { ProviderRequest } from './provider.js';

/** Type and charset of the body, in lower case, and the whole value; `undefined` if the header is not there once. */
export function mediaTypeOf({
  headers,
}: Pick<ProviderRequest, 'headers'>):
  { readonly type: string; readonly charset: string; readonly value: string } | undefined {
  const value = headers['content-type'];
  if (typeof value !== 'string') return undefined;
  const [, charset = ''] = /;\s*charset\s*=\s*"?([^";\s]*)"?/i.exec(value) ?? [];
  return { type: (value.split(';')[0] ?? '').trim().toLowerCase(), charset: charset.toLowerCase(), value };
}

/** Whether the body is as it was signed: no coding over it (a few bytes may stand for gigabytes). */
export function isPlain({ headers }: Pick<ProviderRequest, 'headers'>): boolean {
  return ['', 'identity'].includes(String(headers['content-encoding'] ?? '').toLowerCase());
}
