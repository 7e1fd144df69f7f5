import { randomBytes } from 'node:crypto';
import { systemClock, type Clock, type RandomBytes } from '#lib/core';
import type { Directory, Kms, MessageRecord, NamedLists, RecipientKeys, RuleSets } from '#lib/flow';
import { DatabasePool, type DatabasePoolOptions } from './database-pool.js';
import type { DirectoryGroupStore, DirectoryUserStore } from '../directory/directory-stores.js';
import { StoredDirectoryServer, type DirectoryServerStore } from '../directory/directory-server.js';
import { StoredDirectory } from '../directory/stored-directory.js';
import { StoredGroups } from '../directory/stored-groups.js';
import { StoredUsers } from '../directory/stored-users.js';
import { PostgresHousekeeping } from './housekeeping.js';
import type { ListStore } from './lists/list-store.js';
import { PostgresLists } from './lists/postgres-lists.js';
import { SharedLists } from './lists/shared-lists.js';
import { PostgresRecipientKeys, type Trust } from './recipient-keys.js';
import { PostgresRecord } from './record/postgres-record.js';
import { PostgresRuleSets } from './rule-sets.js';
import type {
  ApiKeyStore,
  CertificateStore,
  ConnectorStore,
  Housekeeping,
  MessageStore,
  OrganizationStore,
  ProcessStore,
  RuleStore,
} from './stores.js';
import { PostgresApiKeys } from './stores/api-keys.js';
import { PostgresCertificates } from './stores/certificates.js';
import { PostgresConnectors } from './stores/connectors.js';
import { PostgresMessages } from './stores/messages.js';
import { PostgresOrganizations } from './stores/organizations.js';
import { PostgresProcesses } from './stores/processes.js';
import { PostgresRules } from './stores/rules.js';

export interface DatabaseOptions extends DatabasePoolOptions, Trust {
  /** `SEALFLOW_POSTMASTER`; absent: `postmaster@` the organization's first domain. */
  readonly postmaster?: string | undefined;
  /**
   * Opens what of a message is sealed, for `messages.find` alone. It is called when it is needed: whether the keys may be
   * made is asked of this database before there are any.
   */
  readonly openDataKey?: Kms['openDataKey'];
  /** The system's unless a test says otherwise. */
  readonly clock?: Clock;
  readonly random?: RandomBytes;
}

/** The record and all that is stored beside it. Every method acts for one organization unless it says otherwise. */
export interface Database {
  readonly record: MessageRecord;
  readonly ruleSets: RuleSets;
  readonly keys: RecipientKeys;
  /** People and groups that are stored here, and no others. */
  readonly directory: Directory;
  readonly directoryUsers: DirectoryUserStore;
  readonly directoryGroups: DirectoryGroupStore;
  readonly directoryServer: DirectoryServerStore;
  readonly organizations: OrganizationStore;
  readonly apiKeys: ApiKeyStore;
  readonly rules: RuleStore;
  readonly lists: ListStore;
  /** What is in those lists, for the judge. */
  readonly sharedLists: NamedLists;
  readonly messages: MessageStore;
  readonly certificates: CertificateStore;
  readonly connectors: ConnectorStore;
  readonly processes: ProcessStore;
  readonly housekeeping: Housekeeping;
  /** Resolves if the database answers within two seconds, is migrated, and its role is bound by row-level security. */
  ping(): Promise<void>;
  /** Waits for what is under way; afterwards everything fails with `ERR_DATABASE_AWAY`. */
  close(): Promise<void>;
}

/**
 * PostgreSQL as the application role. Connects when it is first asked for something, and again whenever it must; a lost
 * connection never ends the process.
 *
 * Errors of all methods: `ERR_DATABASE_AWAY`, `ERR_DATABASE_BUSY`, `ERR_DATABASE_FULL`, `ERR_DATABASE_UNMIGRATED`,
 * `ERR_DATABASE_FAILED` (temporary), `ERR_DATABASE_VALUE` (invalid), `ERR_DATABASE_ROLE` (permanent).
 */
export function openDatabase(options: DatabaseOptions): Database {
  const pool = new DatabasePool(options);
  const drawing = { clock: options.clock ?? systemClock, random: options.random ?? randomBytes };
  const ruleSets = new PostgresRuleSets(pool);
  const keys = new PostgresRecipientKeys(pool, options);
  const openDataKey = options.openDataKey ?? (() => Promise.reject(new TypeError('no openDataKey was given')));
  const directory = new StoredDirectory(pool);
  return {
    record: new PostgresRecord(pool, options),
    ruleSets,
    keys,
    directory,
    directoryUsers: new StoredUsers(pool, drawing),
    directoryGroups: new StoredGroups(pool, drawing),
    directoryServer: new StoredDirectoryServer(pool, drawing),
    organizations: new PostgresOrganizations(pool, drawing, options.postmaster),
    apiKeys: new PostgresApiKeys(pool, drawing),
    rules: new PostgresRules(pool, ruleSets, drawing),
    lists: new PostgresLists(pool, drawing),
    sharedLists: new SharedLists(pool),
    messages: new PostgresMessages(pool, openDataKey, ruleSets),
    certificates: new PostgresCertificates(pool, drawing),
    connectors: new PostgresConnectors(pool, drawing),
    processes: new PostgresProcesses(pool),
    housekeeping: new PostgresHousekeeping(pool, keys, drawing.clock),
    ping: () => pool.ping(),
    close: () => pool.close(),
  };
}
