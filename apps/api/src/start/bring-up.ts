import { FileKms, waitForKeys } from '#lib/adapters';
import type { Platform } from '../platform.js';
import { domainsNotice } from './stored-domains.js';

/**
 * Waits for the database, then opens the keys and makes the first organization. Keys may be made only while there is no
 * organization: afterwards a folder without them is a lost one. `false` when told to end before that.
 * Error: `StartError` where waiting is of no use.
 */
export async function bringUp(platform: Platform, signal: AbortSignal): Promise<boolean> {
  const { config, stores, log } = platform;
  const { kmsUrl } = config.storage;
  const kms = await waitForKeys({
    database: stores,
    kmsUrl,
    signal,
    onWait: (what, error) => log.waits(what, error?.code),
    openKeys: async (hasAny) => {
      const keys = await FileKms.open(kmsUrl, { mayCreate: !hasAny });
      await bootstrap(platform);
      return keys;
    },
  });
  if (kms === undefined) return false;
  platform.open(kms);
  return true;
}

/** Does nothing where there is an organization with a key already, but to say so where it has other domains than are given. */
async function bootstrap({ config, stores, log }: Platform): Promise<void> {
  const { bootstrapApiKey, orgDomains } = config.organization;
  if (bootstrapApiKey === undefined && orgDomains.length === 0) return;
  await stores.organizations.bootstrap({ domains: orgDomains, apiKey: bootstrapApiKey });
  const notice = domainsNotice(orgDomains, await stores.organizations.firstDomains());
  if (notice === undefined) return;
  log.notice(notice);
  process.send?.({ type: 'notice', text: notice });
}
