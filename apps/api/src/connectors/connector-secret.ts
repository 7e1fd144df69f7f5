import type { Provider } from '#lib/adapters';
import type { Platform } from '../platform.js';
import { invalid } from '../problem/api-error.js';

/** The bytes behind a secret, sealed under the organization's key. Error: `ERR_REQUEST_INVALID` if it is none of this provider's. */
export async function sealSecret(
  platform: Platform,
  organizationId: string,
  provider: Provider,
  text: string,
): Promise<Uint8Array> {
  const bytes = provider.parseSecret(text);
  if (bytes === undefined) {
    throw invalid({ pointer: '/secret', code: 'ERR_VALUE_INVALID', message: provider.secretRule });
  }
  return await platform.kms.seal(organizationId, bytes);
}
