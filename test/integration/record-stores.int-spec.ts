import { randomBytes } from 'node:crypto';
import { SCOPES, type Database } from '#lib/adapters';
import { newId, Secret } from '#lib/core';
import { parseCertificates } from '#lib/crypto';
import { hashRuleSet } from '#lib/rules';
import { PostgresServer } from '../support/postgres.js';
import { allPages, importKey, openRecordDatabase, type RecordDatabase } from '../support/record-ground.js';
import { testKey } from '../support/smime-keys.js';

const ANN = 'ann@customer.example';
const BOB = 'bob@customer.example';

describe('the stores of the record', () => {
  let ground: RecordDatabase;
  let database: Database;
  let organizationId: string;

  beforeEach(async () => {
    // Ids of one millisecond have no order: here each has one of its own.
    let nowMs = Date.now();
    const clock = { now: () => new Date((nowMs += 1)) };
    ground = await openRecordDatabase(await PostgresServer.shared(), { clock });
    ({ database, organizationId } = ground);
  });
  afterEach(() => ground.close());

  describe('organizations', () => {
    it('are begun once, also when several processes start together', async () => {
      const fresh = await openBare();
      try {
        expect(await fresh.database.organizations.hasAny()).toBe(false);
        const apiKey = new Secret(randomBytes(24).toString('hex'));
        const others = [fresh.database, fresh.open(), fresh.open()];
        await Promise.all(
          others.map((one) => one.organizations.bootstrap({ domains: ['b.example', 'a.example'], apiKey })),
        );
        await fresh.database.organizations.bootstrap({
          domains: ['c.example'],
          apiKey: new Secret('another one, which is too late'),
        });
        expect(await fresh.look('SELECT count(*)::integer AS count FROM organization')).toEqual([{ count: 1 }]);
        expect(await fresh.database.organizations.hasAny()).toBe(true);
        const id = await fresh.database.organizations.findByDomain('a.example');
        expect(await fresh.database.organizations.load(id ?? '')).toMatchObject({
          id,
          acceptedDomains: ['b.example', 'a.example'],
          partnerDomains: [],
          timeZone: 'UTC',
          postmaster: 'postmaster@b.example',
        });
        expect(await fresh.database.apiKeys.authenticate(apiKey)).toMatchObject({
          organizationId: id,
          scopes: SCOPES,
          expiresAt: null,
        });
        expect(await fresh.database.apiKeys.authenticate(new Secret('another one, which is too late'))).toBeUndefined();
        const { hash, content } = await fresh.database.rules.current(id ?? '');
        expect(content).toEqual({
          rules: [],
          settings: { acceptedDomains: ['b.example', 'a.example'], partnerDomains: [], timeZone: 'UTC' },
        });
        expect(hash).toBe(hashRuleSet(content));
      } finally {
        await fresh.close();
      }
    });

    it('get their first key later, if they had none', async () => {
      const key = new Secret('a key that comes with the second start');
      expect(await database.apiKeys.authenticate(key)).toBeUndefined();
      await database.organizations.bootstrap({ domains: ['late.example'], apiKey: key });
      expect(await database.apiKeys.authenticate(key)).toMatchObject({ organizationId });
      expect(await database.organizations.findByDomain('late.example')).toBeUndefined();
    });

    it('get their domains later, if they had none, and their rules with them', async () => {
      const fresh = await openBare();
      try {
        const { organizations } = fresh.database;
        expect(await organizations.firstDomains()).toEqual([]);
        await organizations.bootstrap({ domains: [], apiKey: new Secret(randomBytes(24).toString('hex')) });
        const domains = ['b.example', 'a.example'];
        await Promise.all(
          [fresh.database, fresh.open(), fresh.open()].map((one) =>
            one.organizations.bootstrap({ domains, apiKey: undefined }),
          ),
        );
        await organizations.bootstrap({ domains: ['c.example'], apiKey: undefined });
        const id = (await organizations.findByDomain('b.example')) ?? '';
        expect((await organizations.load(id))?.acceptedDomains).toEqual(domains);
        expect(await organizations.findByDomain('c.example')).toBeUndefined();
        expect(await organizations.firstDomains()).toEqual(domains);
        expect((await fresh.database.rules.current(id)).content.settings.acceptedDomains).toEqual(domains);
      } finally {
        await fresh.close();
      }
    });

    it('are found by their domains only, and say who their postmaster is', async () => {
      const other = await ground.addOrganization('other.example');
      expect(await database.organizations.findByDomain('example.com')).toBe(organizationId);
      expect(await database.organizations.findByDomain('other.example')).toBe(other);
      expect(await database.organizations.findByDomain('sub.example.com')).toBeUndefined();
      expect(await database.organizations.load(newId(0, randomBytes))).toBeUndefined();
      const named = ground.open({ postmaster: 'desk@example.com' });
      expect((await named.organizations.load(organizationId))?.postmaster).toBe('desk@example.com');
    });

    const openBare = async () => {
      const bare = await openRecordDatabase(await PostgresServer.shared());
      await bare.look('TRUNCATE organization, rule_set, domain, api_key CASCADE');
      return bare;
    };
  });

  describe('API keys', () => {
    it('are known by their token only, until they expire or are revoked', async () => {
      const { key, token } = await database.apiKeys.create(organizationId, {
        name: 'n',
        scopes: ['messages:send', 'messages:send'],
        expiresAt: null,
      });
      expect(key).toMatchObject({ organizationId, name: 'n', scopes: ['messages:send'], expiresAt: null });
      expect(await database.apiKeys.authenticate(token)).toEqual(key);
      expect(await database.apiKeys.authenticate(new Secret(`${token.reveal()}x`))).toBeUndefined();
      const kept = JSON.stringify(await ground.look('SELECT * FROM api_key'));
      expect(kept).not.toContain(token.reveal());
      const expired = await database.apiKeys.create(organizationId, {
        name: 'n',
        scopes: [],
        expiresAt: new Date(Date.now() - 1_000),
      });
      expect(await database.apiKeys.authenticate(expired.token)).toBeUndefined();
      expect(await database.apiKeys.revoke(organizationId, key.id)).toBe('revoked');
      expect(await database.apiKeys.revoke(organizationId, key.id)).toBe('missing');
      expect(await database.apiKeys.authenticate(token)).toBeUndefined();
    });

    it('are listed newest first, without revoked ones', async () => {
      const ids: string[] = [];
      for (const name of ['a', 'b', 'c', 'd', 'e']) {
        ids.unshift((await database.apiKeys.create(organizationId, { name, scopes: [], expiresAt: null })).key.id);
      }
      await database.apiKeys.revoke(organizationId, ids[2] ?? '');
      const listed = await allPages((page) => database.apiKeys.list(organizationId, page));
      expect(listed.map(({ id }) => id)).toEqual(ids.filter((_, n) => n !== 2));
    });

    it('guarantees that one with scope admin is left, also when all are revoked together', async () => {
      const keys = await Promise.all(
        [1, 2, 3].map((n) =>
          database.apiKeys.create(organizationId, { name: `${n}`, scopes: ['admin'], expiresAt: null }),
        ),
      );
      const outcomes = await Promise.all(keys.map(({ key }) => database.apiKeys.revoke(organizationId, key.id)));
      expect(outcomes.sort()).toEqual(['last', 'revoked', 'revoked']);
    });
  });

  describe('connectors', () => {
    const input = {
      name: 'c',
      provider: 'generic',
      trusted: false,
      enabled: true,
      sealedSecret: new Uint8Array([1, 2]),
    };

    it('are found for what comes in, unless they are disabled', async () => {
      const connector = await database.connectors.create(organizationId, input);
      expect(connector).toMatchObject({
        version: 1,
        name: 'c',
        direction: 'in',
        provider: 'generic',
        trusted: false,
        enabled: true,
      });
      const found = await database.connectors.findForIngest('generic', connector.id);
      expect(found).toMatchObject({ organizationId, connector });
      expect([...(found?.sealedSecret ?? [])]).toEqual([1, 2]);
      expect(await database.connectors.findForIngest('mailgun', connector.id)).toBeUndefined();
      expect(await database.connectors.findForIngest('generic', 'no id')).toBeUndefined();
      const written = await database.connectors.replace(organizationId, connector.id, 1, {
        name: 'd',
        trusted: true,
        enabled: false,
      });
      expect(written).toMatchObject({
        kind: 'written',
        connector: { version: 2, name: 'd', trusted: true, enabled: false, createdAt: connector.createdAt },
      });
      expect(await database.connectors.findForIngest('generic', connector.id)).toBeUndefined();
    });

    it('keep their secret unless they get another one, and go when they are removed', async () => {
      const { id } = await database.connectors.create(organizationId, input);
      await database.connectors.replace(organizationId, id, null, input);
      await database.connectors.replace(organizationId, id, null, { name: 'x', trusted: false, enabled: true });
      expect([...((await database.connectors.findForIngest('generic', id))?.sealedSecret ?? [])]).toEqual([1, 2]);
      expect(await database.connectors.replace(organizationId, id, 1, input)).toEqual({ kind: 'stale' });
      expect(await database.connectors.remove(organizationId, id, 1)).toEqual({ kind: 'stale' });
      expect(await database.connectors.remove(organizationId, id, 3)).toEqual({ kind: 'written' });
      expect(await database.connectors.remove(organizationId, id, 3)).toEqual({ kind: 'missing' });
      expect(await database.connectors.find(organizationId, id)).toBeUndefined();
    });

    it('are listed newest first', async () => {
      const ids: string[] = [];
      for (let n = 0; n < 5; n += 1) ids.unshift((await database.connectors.create(organizationId, input)).id);
      expect((await allPages((page) => database.connectors.list(organizationId, page))).map(({ id }) => id)).toEqual(
        ids,
      );
    });
  });

  describe('certificates', () => {
    it('are kept once, found by address, and gone when they are removed', async () => {
      const { kind, certificate } = await importKey(database, organizationId, 'ann');
      expect(kind).toBe('created');
      expect(certificate).toMatchObject({ addresses: [ANN], keyType: 'rsa', trust: { status: 'unchecked' } });
      const again = await importKey(database, organizationId, 'ann');
      expect(again).toEqual({ kind: 'known', certificate, released: [] });
      const bob = await importKey(database, organizationId, 'bob');
      expect(await database.certificates.find(organizationId, certificate.id)).toEqual(certificate);
      const list = (filter: { address?: string }) =>
        allPages((page) => database.certificates.list(organizationId, filter, page), 1);
      expect((await list({})).map(({ id }) => id)).toEqual([bob.certificate.id, certificate.id]);
      expect((await list({ address: ANN })).map(({ id }) => id)).toEqual([certificate.id]);
      expect(await database.certificates.remove(organizationId, certificate.id)).toBe(true);
      expect(await database.certificates.remove(organizationId, certificate.id)).toBe(false);
      expect(await database.certificates.remove(organizationId, 'no id')).toBe(false);
      expect(await list({ address: ANN })).toEqual([]);
      expect(await database.keys.usable(organizationId, [ANN], new Date())).toEqual([]);
    });

    it('guarantees that only a certificate that may be used at that time is given for sealing', async () => {
      await importKey(database, organizationId, 'ann');
      await importKey(database, organizationId, 'bob', { addresses: [BOB, 'carl@customer.example'] });
      const usable = async (at: Date, one = database) =>
        (
          await one.keys.usable(organizationId, [ANN, BOB, 'carl@customer.example', 'nobody@customer.example', ANN], at)
        ).map(({ address }) => address);
      // The record says that it is Carl's as well, the certificate does not.
      expect(await usable(new Date())).toEqual([ANN, BOB]);
      expect(await usable(new Date('1999-01-01'))).toEqual([]);
      expect(await usable(new Date('2999-01-01'))).toEqual([]);
      const trustAnchors = parseCertificates(testKey('ann').certificate);
      expect(await usable(new Date(), ground.open({ trustAnchors }))).toEqual([ANN]);
      await ground.look(`UPDATE certificate SET der = 'x' WHERE pem LIKE '%ann'`);
      expect(await usable(new Date())).toEqual([BOB]);
    });

    it('gives the newest certificate of an address first', async () => {
      const older = await importKey(database, organizationId, 'ann');
      const newer = await importKey(database, organizationId, 'ann', { fingerprint: 'another' });
      const usable = await database.keys.usable(organizationId, [ANN], new Date());
      expect(usable.map(({ id }) => id)).toEqual([newer.certificate.id, older.certificate.id]);
    });
  });

  describe('processes', () => {
    it('are heard of for a while', async () => {
      const report = {
        id: 'api 1',
        app: 'api',
        state: { relay: 'configured', count: 1, isReady: true },
        metrics: [{ name: 'x' }],
      } as const;
      await database.processes.report({ ...report, state: {} });
      await database.processes.report(report);
      await database.processes.report({ ...report, id: 'worker 1', app: 'worker' });
      const living = await database.processes.living();
      expect(living).toEqual([
        { ...report, ageMs: expect.any(Number) },
        { ...report, id: 'worker 1', app: 'worker', ageMs: expect.any(Number) },
      ]);
      await database.processes.leave('worker 1');
      await ground.look(`UPDATE process SET seen_at = seen_at - interval '14 seconds'`);
      expect((await database.processes.living())[0]?.ageMs).toBeGreaterThan(13_000);
      await ground.look(`UPDATE process SET seen_at = seen_at - interval '2 seconds'`);
      expect(await database.processes.living()).toEqual([]);
    });
  });
});
