import { randomBytes } from 'node:crypto';
import { migrate, openDatabase, type Database, type DatabaseOptions, type Page, type PageQuery } from '#lib/adapters';
import { newId, Secret } from '#lib/core';
import { parseCertificates } from '#lib/crypto';
import type { AcceptInput, CloseInput, MessageRecord, RecipientClose } from '#lib/flow';
import type { RuleInput } from '#lib/rules';
import { Client } from 'pg';
import type { PostgresServer, TestDatabase } from './postgres.js';
import { testKey } from './smime-keys.js';

/** A migrated database with one organization, opened as the application role. */
export interface RecordDatabase {
  readonly database: Database;
  readonly urls: TestDatabase;
  readonly organizationId: string;
  /** Another organization in the same database. */
  readonly addOrganization: (domain: string) => Promise<string>;
  /** As superuser, who sees all rows. */
  readonly look: (sql: string, values?: readonly unknown[]) => Promise<Record<string, unknown>[]>;
  /** What is due, locked or kept until a time comes this much nearer to it. */
  readonly letTimePass: (milliseconds: number) => Promise<void>;
  /** A second process on the same database. */
  readonly open: (options?: Partial<DatabaseOptions>) => Database;
  readonly close: () => Promise<void>;
}

export async function openRecordDatabase(
  server: PostgresServer,
  options: Partial<DatabaseOptions> = {},
): Promise<RecordDatabase> {
  const urls = await server.createDatabase();
  await migrate({ ownerUrl: new Secret(urls.ownerUrl), applicationUrl: new Secret(urls.applicationUrl) });
  const opened: Database[] = [];
  const open = (more: Partial<DatabaseOptions> = {}): Database => {
    const database = openDatabase({ databaseUrl: new Secret(urls.applicationUrl), ...options, ...more });
    opened.push(database);
    return database;
  };
  const superuser = new Client({ connectionString: urls.superuserUrl });
  superuser.on('error', () => undefined);
  await superuser.connect();
  await superuser.query('SET search_path = sealflow');
  const database = open();
  await database.organizations.bootstrap({ domains: ['example.com'], apiKey: undefined });
  const look = async (sql: string, values: readonly unknown[] = []) => (await superuser.query(sql, [...values])).rows;
  const addOrganization = async (domain: string): Promise<string> => {
    const id = newId(Date.now(), randomBytes);
    await superuser.query('BEGIN');
    await look(
      `INSERT INTO organization (id, name, current_rule_set) SELECT $1, 'Other', current_rule_set FROM organization LIMIT 1`,
      [id],
    );
    await look(`INSERT INTO rule_set (organization_id, hash, content) SELECT $1, hash, content FROM rule_set LIMIT 1`, [
      id,
    ]);
    await look(`INSERT INTO domain (name, organization_id, position) VALUES ($1, $2, 1)`, [domain, id]);
    await superuser.query('COMMIT');
    return id;
  };
  const organizationId = await database.organizations.findByDomain('example.com');
  if (organizationId === undefined) throw new Error('no organization was made');
  return {
    database,
    urls,
    organizationId,
    addOrganization,
    look,
    letTimePass: async (milliseconds) => {
      const by = `interval '${milliseconds} milliseconds'`;
      await look(
        `UPDATE outbox SET due_at = due_at - ${by}, hint_at = hint_at - ${by}, locked_until = locked_until - ${by}`,
      );
      await look(`UPDATE idempotency SET expires_at = expires_at - ${by}`);
    },
    open,
    close: async () => {
      await Promise.all(opened.map((one) => one.close().catch(() => undefined)));
      await superuser.end().catch(() => undefined);
    },
  };
}

/** What a door hands to the record; the rest is an authenticated sender of the organization. */
export function acceptInputOf(
  organizationId: string,
  more: Partial<AcceptInput> & { readonly rcptTo?: readonly string[] } = {},
): AcceptInput {
  const { rcptTo = ['ann@customer.example'], receivedAt = new Date(), ...given } = more;
  return {
    id: newId(receivedAt.getTime(), randomBytes),
    organizationId,
    kind: 'mail',
    envelope: {
      mailFrom: 'sue@example.com',
      rcptTo: rcptTo.map((address) => ({ address, notify: null, orcpt: null })),
      dsnReturn: null,
      envid: null,
    },
    connection: {
      source: 'smtp',
      isAuthenticated: true,
      isTrustedNetwork: true,
      ip: '192.0.2.1',
      helo: 'client.example.com',
      isTls: true,
      apiKeyId: null,
      connectorId: null,
    },
    receivedAt,
    sizeBytes: 10_000,
    sha256: 'ab'.repeat(32),
    blob: 's-00000000-0000-8000-8000-00000000000b:0:10000',
    wrappedKey: new Uint8Array([1, 2, 3]),
    ...given,
  };
}

/** How a recipient stands after a run; delivered in clear unless said otherwise. */
export function recipientCloseOf(address: string, more: Partial<RecipientClose> = {}): RecipientClose {
  return {
    address,
    origin: 'envelope',
    state: 'delivered',
    protection: 'none',
    rules: [],
    code: null,
    parkedByRule: null,
    deliveryId: null,
    lastReply: null,
    attempted: false,
    ...more,
  };
}

/** The closing record of a run: of what `claimOne` gave, or over a message that nobody has claimed. */
export function closeInputOf(
  message: Pick<CloseInput, 'id' | 'organizationId'> & Partial<Pick<CloseInput, 'queue' | 'claim'>>,
  recipients: readonly RecipientClose[],
  more: Partial<CloseInput> = {},
): CloseInput {
  return {
    id: message.id,
    organizationId: message.organizationId,
    queue: message.queue ?? 'process',
    claim: message.claim ?? null,
    recipients,
    deliveries: [],
    events: [],
    notify: [],
    sealedTrace: null,
    sealedSummary: null,
    ruleSetUsed: null,
    judging: null,
    rejudgeWith: null,
    emitAt: null,
    ...more,
  };
}

/** A rule as a person writes it; matches everything and does nothing unless said otherwise. */
export function ruleInputOf(more: Partial<RuleInput> = {}): RuleInput {
  return {
    name: 'A rule',
    description: '',
    enabled: true,
    mode: 'enforce',
    conditions: { all: [] },
    exceptions: null,
    actions: [],
    appliesTo: 'matchingRecipients',
    stopProcessing: false,
    onError: 'hold',
    activateAt: null,
    expireAt: null,
    ...more,
  };
}

/** Imports the test key of that name, as the API does; what is said otherwise need not be true. */
export async function importKey(
  database: Database,
  organizationId: string,
  name: 'ann' | 'bob' | 'carl' | 'dora',
  more: Partial<Parameters<Database['certificates']['import']>[1]> = {},
) {
  const [info] = parseCertificates(testKey(name).certificate);
  if (info === undefined) throw new Error('no certificate');
  return await database.certificates.import(organizationId, {
    der: info.der,
    pem: `the PEM of ${name}`,
    addresses: info.addresses,
    subject: info.subject,
    issuer: info.issuer,
    fingerprint: info.sha256,
    serialNumber: info.serialHex,
    notBefore: info.notBefore.toISOString(),
    notAfter: info.notAfter.toISOString(),
    keyType: info.keyType,
    keySizeBits: info.keySizeBits,
    trust: { status: 'unchecked', reason: 'no trust anchors are configured' },
    ...more,
  });
}

/** All pages of a list, put together. */
export async function allPages<T>(list: (page: PageQuery) => Promise<Page<T>>, limit = 2): Promise<T[]> {
  const items: T[] = [];
  for (let cursor: string | null = null; ;) {
    const page: Page<T> = await list({ limit, cursor });
    if (page.items.length > limit) throw new Error('a page has more than was asked for');
    items.push(...page.items);
    cursor = page.nextCursor;
    if (cursor === null) return items;
  }
}

export const HELD_KEYLESS = { state: 'held', code: 'ERR_KEY_MISSING', protection: 'smime' } as const;

/** Claims one message; throws if it cannot be had. */
export async function claimOne(
  record: MessageRecord,
  message: { readonly id: string; readonly organizationId: string },
  queue: 'process' | 'emit' = 'process',
) {
  const [claimed] = await record.claim(queue, message.organizationId, [message.id]);
  if (claimed === undefined) throw new Error('it could not be claimed');
  return claimed;
}
