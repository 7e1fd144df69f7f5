import { setTimeout as delay } from 'node:timers/promises';
import { AdapterError, FileKms } from '#lib/adapters';
import type { Platform } from '../platform.js';
import { StartError } from './start-error.js';

const AGAIN_MS = 500;
/** SQLSTATE class 28: the server is there and does not let us in. */
const REFUSED = /^28/;

/**
 * Waits for the database, then opens the keys and makes the first organization. Keys may be made only while there is no
 * organization: afterwards a folder without them is a lost one. Resolves when the platform is open, or when told to end.
 * Error: `StartError` where waiting is of no use.
 */
export async function bringUp(platform: Platform, signal: AbortSignal): Promise<void> {
  for (let wait: string | undefined; !signal.aborted;) {
    try {
      await open(platform);
      return;
    } catch (error) {
      const code = codeToWaitFor(error);
      if (code !== wait) platform.log.trouble('waits for the database', error);
      wait = code;
    }
    await delay(AGAIN_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function open(platform: Platform): Promise<void> {
  const { organizations } = platform.stores;
  const { organization, storage } = platform.config;
  await platform.stores.ping();
  const isFirst = !(await organizations.hasAny());
  const kms = await FileKms.open(storage.kmsUrl, { mayCreate: isFirst });
  if (organization.bootstrapApiKey !== undefined || organization.orgDomains.length > 0) {
    await organizations.bootstrap({ domains: organization.orgDomains, apiKey: organization.bootstrapApiKey });
  }
  platform.open(kms);
}

/** The code of an error that time may mend; others end the start. */
function codeToWaitFor(error: unknown): string {
  if (!(error instanceof AdapterError)) throw error;
  if (error.code.startsWith('ERR_KMS')) throw new StartError(kmsSentence(error));
  if (error.code === 'ERR_DATABASE_ROLE') {
    throw new StartError(
      'SEALFLOW_DATABASE_URL names a role that may do more than it should: take the application role, which is no superuser and owns nothing.',
    );
  }
  const { sqlState } = error.detail;
  if (typeof sqlState === 'string' && REFUSED.test(sqlState)) {
    throw new StartError('The database does not let in the user and password of SEALFLOW_DATABASE_URL.');
  }
  return error.code;
}

function kmsSentence({ code }: AdapterError): string {
  return code === 'ERR_KMS_KEY_MISSING'
    ? 'SEALFLOW_KMS_URL names a folder without the keys of this installation: bring back its backup; without it no stored message can be read.'
    : 'SEALFLOW_KMS_URL names a folder that cannot be used: it must be there or be makeable, writable, and ours.';
}
