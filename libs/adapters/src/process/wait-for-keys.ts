import { setTimeout as delay } from 'node:timers/promises';
import { AdapterError } from '../errors.js';
import { FileKms } from '../kms/file-kms.js';
import type { OrganizationStore } from '../postgres/stores.js';
import { StartError } from './start-error.js';

const AGAIN_MS = 500;
/** SQLSTATE class 28: the server is there and does not let us in. */
const REFUSED = /^28/;

export interface WaitForKeysOptions {
  readonly database: { readonly organizations: Pick<OrganizationStore, 'hasAny'>; ping(): Promise<void> };
  /** `SEALFLOW_KMS_URL`. */
  readonly kmsUrl: string;
  readonly signal: AbortSignal;
  /** Opens the keys, and may make what is missing, for the process that does so; `hasAny`: there is an organization. */
  readonly openKeys?: (hasAny: boolean) => Promise<FileKms>;
  /** Told once for each thing that is waited for. */
  readonly onWait: (what: 'database' | 'organization', error?: AdapterError) => void;
}

/**
 * The keys of the installation. It waits for the database, and unless it is told how to make the first organization
 * (`openKeys`, the API) for that too. `undefined` when told to end. Error: `StartError` where waiting is of no use.
 */
export async function waitForKeys(options: WaitForKeysOptions): Promise<FileKms | undefined> {
  const { database, kmsUrl, signal, onWait, openKeys } = options;
  let waitsFor: string | undefined;
  while (!signal.aborted) {
    try {
      await database.ping();
      const hasAny = await database.organizations.hasAny();
      if (openKeys !== undefined) return await openKeys(hasAny);
      if (hasAny) return await FileKms.open(kmsUrl, { mayCreate: false });
      if (waitsFor !== 'organization') onWait('organization');
      waitsFor = 'organization';
    } catch (error) {
      const known = worthWaiting(error);
      if (waitsFor !== known.code) onWait('database', known);
      waitsFor = known.code;
    }
    await delay(AGAIN_MS, undefined, { signal }).catch(() => undefined);
  }
  return undefined;
}

/** The error, if time may mend it. */
function worthWaiting(error: unknown): AdapterError {
  if (!(error instanceof AdapterError)) throw error;
  const { code, detail } = error;
  if (code === 'ERR_KMS_KEY_MISSING') {
    throw new StartError(
      'SEALFLOW_KMS_URL names a folder without the keys of this installation: bring back its backup; without it no stored message can be read.',
    );
  }
  if (code.startsWith('ERR_KMS')) {
    throw new StartError(
      'SEALFLOW_KMS_URL names a folder that cannot be used: it must be there, or the API must be able to make it, and it must be ours.',
    );
  }
  if (code === 'ERR_DATABASE_ROLE') {
    throw new StartError(
      'SEALFLOW_DATABASE_URL names a role that may do more than it should: take the application role, which is no superuser and owns nothing.',
    );
  }
  if (typeof detail['sqlState'] === 'string' && REFUSED.test(detail['sqlState'])) {
    throw new StartError('The database does not let in the user and password of SEALFLOW_DATABASE_URL.');
  }
  return error;
}
