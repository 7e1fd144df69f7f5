import { createHash, randomBytes } from 'node:crypto';
import { openDatabase, type Database } from '#lib/adapters';
import { newId, Secret } from '#lib/core';
import { Client } from 'pg';
import { PostgresServer } from '../support/postgres.js';
import {
  acceptInputOf,
  claimOne,
  closeInputOf,
  HELD_KEYLESS,
  openRecordDatabase,
  recipientCloseOf,
  ruleInputOf,
  type RecordDatabase,
} from '../support/record-ground.js';

const PAGE = { limit: 50, cursor: null };
/** The one table that holds nothing of anybody: which migrations were applied. */
const NOBODYS = 'migration';

describe('row-level security', () => {
  let ground: RecordDatabase;
  let database: Database;
  let server: PostgresServer;
  let mine: string;
  let theirs: string;
  let application: Client;

  /** Statements as the application role, acting for an organization. */
  const as = async (organizationId: string | null, sql: string, values: readonly unknown[] = []) => {
    await application.query('BEGIN');
    try {
      if (organizationId !== null) {
        await application.query(`SELECT set_config('sealflow.organization', $1, true)`, [organizationId]);
      }
      return (await application.query(sql, [...values])).rows as Record<string, unknown>[];
    } finally {
      await application.query('ROLLBACK');
    }
  };
  const tables = async () =>
    ground.look(
      `SELECT c.oid, c.relname AS name, c.relrowsecurity AS is_on, c.relforcerowsecurity AS is_forced,
              pg_get_userbyid(c.relowner) AS owner,
              ARRAY(SELECT polname || ': ' || coalesce(pg_get_expr(polqual, polrelid), '') FROM pg_policy
                     WHERE polrelid = c.oid ORDER BY polname) AS policies
         FROM pg_class c WHERE c.relnamespace = 'sealflow'::regnamespace AND c.relkind IN ('r', 'p') ORDER BY 2`,
    );

  beforeAll(async () => {
    server = await PostgresServer.shared();
    ground = await openRecordDatabase(server);
    database = ground.database;
    mine = ground.organizationId;
    theirs = await ground.addOrganization('other.example');
    application = new Client({ connectionString: ground.urls.applicationUrl });
    await application.connect();
    await application.query('SET search_path = sealflow');
  });
  afterAll(async () => {
    await application.end();
    await ground.close();
  });

  it('guarantees that each table of ours has it, forced, with a policy for the organization', async () => {
    const all = (await tables()).filter(({ name }) => name !== NOBODYS);
    expect(all.length).toBeGreaterThan(15);
    for (const { name, is_on: isOn, is_forced: isForced, policies } of all) {
      expect({ name, isOn, isForced }).toEqual({ name, isOn: true, isForced: true });
      const own = (policies as string[]).filter((policy) => policy.startsWith('organization: '));
      expect({ name, own: own.length }).toEqual({ name, own: name === 'process' ? 0 : 1 });
      for (const policy of own) expect(policy).toContain("current_setting('sealflow.organization'");
    }
  });

  it('guarantees that no table has rows of an organization without saying whose they are', async () => {
    const columns = await ground.look(
      `SELECT table_name AS name FROM information_schema.columns
        WHERE table_schema = 'sealflow' AND column_name = 'organization_id' AND is_nullable = 'NO'`,
    );
    const named = new Set(columns.map(({ name }) => name));
    const others = (await tables()).map(({ name }) => name).filter((name) => !named.has(name));
    expect(others).toEqual(['migration', 'organization', 'process']);
  });

  it('guarantees that the application role owns nothing and may change no rule of the house', async () => {
    for (const { name, owner } of await tables()) {
      expect({ name, owner }).not.toEqual({ name, owner: ground.urls.applicationUser });
    }
    const refused = [
      'ALTER TABLE message DISABLE ROW LEVEL SECURITY',
      'ALTER TABLE message NO FORCE ROW LEVEL SECURITY',
      'DROP POLICY organization ON message',
      'CREATE POLICY mine ON message USING (true)',
      'ALTER POLICY organization ON message USING (true)',
      'CREATE TABLE t (x integer)',
      'CREATE FUNCTION f() RETURNS integer LANGUAGE sql RETURN 1',
      'DROP TABLE message',
      'TRUNCATE message',
      'SELECT * FROM process',
      `INSERT INTO migration VALUES (99, 'x', 'x')`,
      `UPDATE event SET type = 'x'`,
      'DELETE FROM event',
      'DELETE FROM message',
      'DELETE FROM recipient',
      'DELETE FROM earlier_judging',
      `UPDATE earlier_judging SET judging = '{}'`,
      `UPDATE message SET rule_set = 'x'`,
      `UPDATE message SET organization_id = '${mine}'`,
      `UPDATE recipient SET address = 'x'`,
      `UPDATE rule_version SET content = '{}'`,
      'DELETE FROM rule_version',
      `UPDATE rule_set SET content = '{}'`,
      'DELETE FROM rule_set',
      'DELETE FROM api_key',
      `UPDATE list_chunk SET bytes = ''`,
      'DELETE FROM list_content',
      'DELETE FROM rule_set_list',
      `UPDATE api_key SET scopes = '{}'`,
      `UPDATE organization SET name = 'x'`,
      `SET ROLE ${ground.urls.applicationUser.replace(/_app$/, '_owner')}`,
    ];
    for (const statement of refused) {
      await expect(as(mine, statement)).rejects.toThrow(/permission denied|must be owner/);
    }
  });

  it('guarantees that PUBLIC may do nothing here', async () => {
    const [row] = await ground.look(
      `SELECT has_schema_privilege('public', 'sealflow', 'USAGE') AS schema,
              (SELECT count(*)::integer FROM pg_proc p WHERE p.pronamespace = 'sealflow'::regnamespace
                AND has_function_privilege('public', p.oid, 'EXECUTE')) AS functions,
              (SELECT count(*)::integer FROM pg_class c WHERE c.relnamespace = 'sealflow'::regnamespace AND c.relkind = 'r'
                AND has_table_privilege('public', c.oid, 'SELECT, INSERT, UPDATE, DELETE')) AS tables`,
    );
    expect(row).toEqual({ schema: false, functions: 0, tables: 0 });
  });

  it('guarantees that each function that sees all has its search path pinned', async () => {
    const functions = await ground.look(
      `SELECT proname AS name, proconfig AS config FROM pg_proc
        WHERE pronamespace = 'sealflow'::regnamespace AND prosecdef`,
    );
    expect(functions.length).toBeGreaterThan(10);
    for (const { name, config } of functions) {
      expect({ name, config }).toEqual({ name, config: ['search_path=sealflow, pg_temp'] });
    }
  });

  describe('of two organizations', () => {
    const names = { certificate: randomBytes(32).toString('hex') };
    let message: ReturnType<typeof acceptInputOf>;
    let rule: string;
    let key: string;
    let connector: string;
    let certificate: string;
    let sha256: string;

    beforeAll(async () => {
      ({ id: rule } = await database.rules.create(mine, ruleInputOf()));
      message = acceptInputOf(mine, { idempotency: { scope: 'rest', key: 'k' } });
      await database.record.accept(message);
      const judging = { at: '2026-11-24T12:00:00.000Z', judge: 1, people: [0], kind: 'passed', as: 'loop' } as const;
      const request = { id: newId(Date.now(), randomBytes), type: 'held', recipients: [], status: [] } as const;
      await database.record.close(
        closeInputOf(message, [recipientCloseOf('ann@customer.example', { ...HELD_KEYLESS, rules: [rule] })], {
          deliveries: [{ id: rule, blob: 's:0:1', sizeBytes: 1, protection: 'none', has8bit: false }],
          events: [{ type: 'held', at: new Date(), detail: {} }],
          notify: [request],
          judging,
        }),
      );
      // What was judged before is kept beside it.
      await database.messages.act(mine, message.id, { act: 'release', apiKeyId: 'key' });
      await database.record.close(
        closeInputOf(
          await claimOne(database.record, message),
          [recipientCloseOf('ann@customer.example', HELD_KEYLESS)],
          {
            judging,
          },
        ),
      );
      const created = await database.apiKeys.create(mine, { name: 'k', scopes: ['admin'], expiresAt: null });
      key = created.key.id;
      const sealedSecret = new Uint8Array([1]);
      const secret = { name: 'c', provider: 'generic', trusted: false, enabled: true, sealedSecret };
      ({ id: connector } = await database.connectors.create(mine, secret));
      const imported = await database.certificates.import(
        mine,
        certificateOf(names.certificate, ['x@customer.example']),
      );
      certificate = imported.certificate.id;
      const made = await database.lists.create(mine, { name: 'l', type: 'words', description: '' });
      if (made.kind !== 'written') throw new Error(made.kind);
      sha256 = made.list.entries.sha256;
      const asks = { fact: 'subject', operator: 'inList', value: 'l' };
      await database.rules.create(mine, ruleInputOf({ conditions: asks, enabled: false }));
      await ground.look(
        `WITH person AS (INSERT INTO directory_user VALUES ($1, $2, 1, 'a@clinic.example', '{}', NULL, NULL, '{}', true)),
              home AS (INSERT INTO directory_address VALUES ($1, 'a@clinic.example', $2)),
              staff AS (INSERT INTO directory_group VALUES ($1, $2, 1, 'Staff', 'staff', NULL)),
              inside AS (INSERT INTO directory_member VALUES ($1, 'a@clinic.example', $2))
         INSERT INTO directory_server VALUES ($1, 1, '{}', NULL)`,
        [mine, rule],
      );
    });

    it('guarantees that every table has rows, and the other organization sees none of them', async () => {
      for (const { name } of (await tables()).filter((table) => table.name !== NOBODYS && table.name !== 'process')) {
        const table = String(name);
        const column = table === 'organization' ? 'id' : 'organization_id';
        const [own] = await as(mine, `SELECT count(*)::integer AS count FROM ${table}`);
        expect({ table, isEmpty: own?.['count'] === 0 }).toEqual({ table, isEmpty: false });
        const [foreign] = await as(theirs, `SELECT count(*)::integer AS count FROM ${table} WHERE ${column} = $1`, [
          mine,
        ]);
        expect({ table, foreign: foreign?.['count'] }).toEqual({ table, foreign: 0 });
        for (const nobody of [null, '']) {
          const [seen] = await as(nobody, `SELECT count(*)::integer AS count FROM ${table}`);
          expect({ table, seen: seen?.['count'] }).toEqual({ table, seen: 0 });
        }
      }
    });

    it('guarantees that the owner of the tables sees none of them either', async () => {
      const owner = new Client({ connectionString: ground.urls.ownerUrl });
      await owner.connect();
      try {
        for (const { name } of (await tables()).filter((table) => table.name !== NOBODYS)) {
          const { rows } = await owner.query(`SELECT count(*)::integer AS count FROM sealflow.${String(name)}`);
          expect({ name, count: rows[0]?.count }).toEqual({ name, count: 0 });
        }
      } finally {
        await owner.end();
      }
    });

    it('guarantees that nothing can be written for another organization', async () => {
      const foreign = [
        `INSERT INTO event (organization_id, message_id, at, type, detail) VALUES ('${theirs}', '${message.id}', now(), 'x', '{}')`,
        `INSERT INTO outbox (organization_id, id, queue, due_at, hint_at) VALUES ('${theirs}', '${message.id}', 'emit', now(), now())`,
        `INSERT INTO domain (organization_id, name, position) VALUES ('${theirs}', 'third.example', 9)`,
      ];
      for (const statement of foreign) {
        await expect(as(mine, statement)).rejects.toThrow(/row-level security|permission denied/);
      }
      await expect(
        database.record.accept({ ...message, id: rule, organizationId: newId(0, randomBytes) }),
      ).rejects.toMatchObject({
        code: 'ERR_DATABASE_FAILED',
      });
    });

    it('guarantees that no store of one gives or changes what is the other’s', async () => {
      const { record, messages, rules, apiKeys, connectors, certificates, keys, directory, ruleSets } = database;
      expect(await messages.find(mine, message.id)).toBeDefined();
      expect(await messages.find(theirs, message.id)).toBeUndefined();
      expect(await messages.content(theirs, message.id)).toBeUndefined();
      expect(await messages.judged(theirs, message.id)).toBeUndefined();
      expect(await messages.judgingTrace(theirs, message.id, 0)).toBeNull();
      expect((await messages.list(theirs, {}, PAGE)).items).toEqual([]);
      expect((await messages.list(theirs, { rcptTo: 'ann@customer.example' }, PAGE)).items).toEqual([]);
      expect((await messages.list(theirs, { rule }, PAGE)).items).toEqual([]);
      expect(await messages.act(theirs, message.id, { act: 'release', apiKeyId: key })).toEqual({ kind: 'missing' });
      await ground.letTimePass(60_000);
      expect(await record.claim('process', theirs, [message.id])).toEqual([]);
      expect(await record.deferred(theirs, message.id)).toEqual([]);
      await expect(record.close(closeInputOf({ ...message, organizationId: theirs }, []))).rejects.toMatchObject({
        code: 'ERR_RECORD_MISSING',
      });
      expect(await rules.find(theirs, rule)).toBeUndefined();
      expect((await rules.list(theirs, PAGE)).items).toEqual([]);
      expect((await rules.versions(theirs, rule, PAGE)).items).toEqual([]);
      expect(await rules.replace(theirs, rule, null, ruleInputOf())).toEqual({ kind: 'missing' });
      expect(await rules.remove(theirs, rule, null)).toEqual({ kind: 'missing' });
      expect(await rules.reorder(theirs, [rule])).toBe('unfit');
      const { hash } = await rules.current(mine);
      await expect(ruleSets.load(theirs, hash)).rejects.toMatchObject({ code: 'ERR_RULE_SET_MISSING' });
      expect((await apiKeys.list(theirs, PAGE)).items).toEqual([]);
      expect(await apiKeys.revoke(theirs, key)).toBe('missing');
      expect(await connectors.find(theirs, connector)).toBeUndefined();
      expect((await connectors.list(theirs, PAGE)).items).toEqual([]);
      expect(await connectors.remove(theirs, connector, null)).toEqual({ kind: 'missing' });
      expect(await certificates.find(theirs, certificate)).toBeUndefined();
      expect((await certificates.list(theirs, {}, PAGE)).items).toEqual([]);
      expect(await certificates.remove(theirs, certificate)).toBe(false);
      expect(await keys.usable(theirs, ['x@customer.example'], new Date())).toEqual([]);
      expect(await directory.lookup(theirs, ['a@clinic.example'])).toEqual({ 'a@clinic.example': null });
      expect(await directory.lookup(mine, ['a@clinic.example'])).toMatchObject({
        'a@clinic.example': { groups: ['staff'] },
      });
      expect(await database.lists.find(theirs, 'l')).toBeUndefined();
      expect((await database.lists.list(theirs, PAGE)).items).toEqual([]);
      expect(await database.lists.remove(theirs, 'l', null)).toEqual({ kind: 'missing' });
      expect(await database.lists.describe(theirs, 'l', null, { description: 'x' })).toEqual({ kind: 'missing' });
      const reference = { name: 'l', type: 'words', version: 1, count: 0, sha256 } as const;
      expect((await database.sharedLists.load(mine, [reference])).size).toBe(1);
      expect((await database.sharedLists.load(theirs, [reference])).size).toBe(0);
      // Still all there.
      expect(await rules.find(mine, rule)).toBeDefined();
      expect(await connectors.find(mine, connector)).toBeDefined();
      expect(await certificates.find(mine, certificate)).toBeDefined();
    });

    it('guarantees that the same idempotency key of two organizations are two', async () => {
      const input = acceptInputOf(theirs, { idempotency: { scope: 'rest', key: 'k' }, sha256: 'cd'.repeat(32) });
      expect(await database.record.accept(input)).toMatchObject({ kind: 'accepted' });
      expect((await claimOne(database.record, input)).organizationId).toBe(theirs);
    });

    it('keeps both apart when their calls meet in one process', async () => {
      const inputs = Array.from({ length: 40 }, (_, n) => acceptInputOf(n % 2 === 0 ? mine : theirs));
      await Promise.all(inputs.map((input) => database.record.accept(input)));
      const rows = await ground.look('SELECT id, organization_id FROM message WHERE id = ANY ($1::uuid[])', [
        inputs.map(({ id }) => id),
      ]);
      const owners = new Map(rows.map((row) => [row['id'], row['organization_id']]));
      for (const { id, organizationId } of inputs) expect(owners.get(id)).toBe(organizationId);
    });
  });

  it('guarantees that a role which sees all rows is refused', async () => {
    for (const url of [ground.urls.superuserUrl, ground.urls.ownerUrl]) {
      const wrong = openDatabase({ databaseUrl: new Secret(url) });
      await expect(wrong.organizations.load(mine)).rejects.toMatchObject({ code: 'ERR_DATABASE_ROLE' });
      await expect(wrong.ping()).rejects.toMatchObject({ code: 'ERR_DATABASE_ROLE' });
      await wrong.close();
    }
  });
});

function certificateOf(fingerprint: string, addresses: readonly string[]) {
  return {
    der: createHash('sha256').update(fingerprint).digest(),
    pem: 'pem',
    addresses,
    subject: 'CN=x',
    issuer: 'CN=x',
    fingerprint,
    serialNumber: '01',
    notBefore: '2020-01-01T00:00:00.000Z',
    notAfter: '2040-01-01T00:00:00.000Z',
    keyType: 'rsa',
    keySizeBits: 2048,
    trust: { status: 'unchecked', reason: 'no anchors' },
  } as const;
}
