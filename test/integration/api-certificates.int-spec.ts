import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readTrustAnchors } from '#lib/adapters';
import { ApiServer } from '../support/api-server.js';
import { issueMailCertificate } from '../support/issue-mail-certificate.js';
import { claimOne, closeInputOf, HELD_KEYLESS, recipientCloseOf } from '../support/record-ground.js';
import { testKey } from '../support/smime-keys.js';

interface CertificateView {
  readonly id: string;
  readonly addresses: readonly string[];
  readonly trust: { readonly status: string; readonly reason: string };
}

interface SeveralView {
  readonly items: readonly CertificateView[];
  readonly refused: readonly { readonly subject: string; readonly problems: readonly string[] }[];
}

interface ProblemView {
  readonly code: string;
  readonly errors?: readonly { readonly pointer: string; readonly code: string }[];
}

const pemOf = (name: 'ann' | 'bob' | 'carl' | 'dora') => readFileSync(testKey(name).certificatePath, 'utf8');

describe('Certificates over REST', () => {
  let api: ApiServer;

  beforeAll(async () => {
    api = await ApiServer.start();
  }, 60_000);

  afterAll(async () => {
    await api.stop();
  });

  const post = async <T = CertificateView>(body: string | Uint8Array, type = 'application/x-pem-file') =>
    await api.ask<T>('POST', '/v1/certificates', {
      body: typeof body === 'string' ? body : new Uint8Array(body),
      headers: { 'content-type': type },
    });

  it('are taken as PEM, DER and JSON, with address, validity, and trust and why', async () => {
    const made = await api.ask<CertificateView>('POST', '/v1/certificates', { json: { pem: pemOf('ann') } });
    expect(made.status).toBe(201);
    expect(made.headers.get('location')).toBe(`/v1/certificates/${made.json.id}`);
    expect(made.json).toMatchObject({
      addresses: ['ann@customer.example'],
      keyType: 'rsa',
      keySizeBits: 2048,
      notAfter: expect.stringMatching(/Z$/),
      trust: { status: 'unchecked', reason: expect.stringContaining('SEALFLOW_SMIME_TRUST_DIR') },
      pem: expect.stringContaining('BEGIN CERTIFICATE'),
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect((await post(pemOf('bob'))).status).toBe(201);
    expect((await post(testKey('carl').certificate, 'application/pkix-cert')).status).toBe(201);
    expect((await api.ask('GET', `/v1/certificates/${made.json.id}`)).json).toEqual(made.json);
  });

  it('are the same when they come again', async () => {
    const first = await post(pemOf('dora'));
    const again = await post(`text before\n${pemOf('dora')}`);
    expect([first.status, again.status, again.json.id]).toEqual([201, 200, first.json.id]);
  });

  it('are taken with CA:TRUE and self-signed, as `openssl req -x509` makes them', async () => {
    const { pem } = await issueMailCertificate({ address: 'self@customer.example', isCa: true, usage: 0x26 as never });
    const answer = await post(pem);
    expect([answer.status, answer.json.trust.status]).toEqual([201, 'unchecked']);
  });

  it.each([
    ['has expired', { from: -20, until: -10 }, 'ERR_CERTIFICATE_EXPIRED'],
    ['is not valid yet', { from: 10 }, 'ERR_CERTIFICATE_NOT_YET_VALID'],
    ['has a short key', { bits: 1024 as const }, 'ERR_CERTIFICATE_KEY_TOO_SMALL'],
    ['is for signing only', { usage: 0x01 }, 'ERR_CERTIFICATE_KEY_USAGE'],
    ['is for servers', { extendedUsage: '1.3.6.1.5.5.7.3.1' as never }, 'ERR_CERTIFICATE_EXTENDED_KEY_USAGE'],
  ])('are refused with a name when one %s', async (_, options, code) => {
    const { pem } = await issueMailCertificate({ address: 'wrong@customer.example', ...options });
    const answer = await post<ProblemView>(pem);
    expect(answer.status).toBe(422);
    expect(answer.json.errors).toEqual([expect.objectContaining({ pointer: '', code })]);
  });

  it.each([
    ['nonsense', 'nonsense'],
    ['a private key', readFileSync(testKey('ann').keyPath, 'utf8')],
    ['a certificate that is cut short', pemOf('ann').slice(0, 400)],
    ['base64 of nothing', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'],
    ['an empty body', ''],
  ])('are refused when they are %s', async (_, body) => {
    const answer = await post<ProblemView>(body);
    expect([answer.status, answer.json.code]).toEqual([400, 'ERR_CERTIFICATE_MALFORMED']);
  });

  it('answer for each of several in one PEM, and pass over authorities', async () => {
    const authority = await issueMailCertificate({ isCa: true, name: 'Authority' });
    const good = await issueMailCertificate({ address: 'good@customer.example', issuer: authority });
    const old = await issueMailCertificate({ address: 'old@customer.example', from: -20, until: -10 });
    const both = await post<SeveralView>(good.pem + old.pem + authority.pem);
    expect(both.status).toBe(201);
    expect(both.json.items.map(({ addresses }) => addresses)).toEqual([['good@customer.example']]);
    expect(both.json.refused).toEqual([expect.objectContaining({ problems: ['ERR_CERTIFICATE_EXPIRED'] })]);
    const chain = await post(good.pem + authority.pem);
    expect(chain.json.addresses).toEqual(['good@customer.example']);
    const none = await post<ProblemView>(old.pem + authority.pem);
    expect(none.status).toBe(422);
    expect(none.json.errors?.map(({ pointer, code }) => `${pointer} ${code}`)).toEqual([
      '/0 ERR_CERTIFICATE_EXPIRED',
      '/1 ERR_CERTIFICATE_KEY_USAGE',
      '/1 ERR_CERTIFICATE_NO_ADDRESS',
    ]);
  });

  it('are listed, also by address, and removed', async () => {
    const { pem } = await issueMailCertificate({ address: 'Listed@Customer.example' });
    const { json } = await post(pem);
    const list = async () =>
      (await api.ask<{ items: CertificateView[] }>('GET', '/v1/certificates?address=listed@CUSTOMER.example')).json
        .items;
    expect((await list()).map(({ id }) => id)).toEqual([json.id]);
    expect((await api.ask('DELETE', `/v1/certificates/${json.id}`)).status).toBe(204);
    expect((await api.ask('DELETE', `/v1/certificates/${json.id}`)).status).toBe(404);
    expect(await list()).toEqual([]);
    expect((await api.ask('GET', '/v1/certificates?address=x')).status).toBe(422);
  });

  it('say what protection an address has, and why', async () => {
    const of = async (address: string) =>
      await api.ask('GET', `/v1/recipients/${encodeURIComponent(address)}/capabilities`);
    const none = await of('Nobody@Customer.example');
    expect(none.json).toEqual({
      address: 'nobody@customer.example',
      protection: null,
      wouldHold: 'ERR_KEY_MISSING',
      why: expect.stringContaining('no certificate'),
      keys: [],
    });
    await post((await issueMailCertificate({ address: 'key@customer.example' })).pem);
    expect((await of('key@customer.example')).json).toMatchObject({
      protection: 'smime',
      wouldHold: null,
      keys: [{ type: 'smime', usable: true, problems: [] }],
    });
    expect((await of('not-an-address')).status).toBe(422);
  });
});

describe('Certificates with trust anchors', () => {
  let folder: string;
  let api: ApiServer;
  let authority: Awaited<ReturnType<typeof issueMailCertificate>>;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sealflow-trust-'));
    authority = await issueMailCertificate({ isCa: true, name: 'Authority' });
    writeFileSync(join(folder, 'authority.pem'), authority.pem);
    writeFileSync(join(folder, 'README'), 'not a certificate');
    api = await ApiServer.start({ parts: { trustAnchors: await readTrustAnchors(folder) } });
  }, 60_000);

  afterAll(async () => {
    await api.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('are trusted where their chain leads to one, and refused where it does not', async () => {
    const good = await issueMailCertificate({ address: 'good@customer.example', issuer: authority });
    const taken = await api.ask<CertificateView>('POST', '/v1/certificates', { json: { pem: good.pem } });
    expect([taken.status, taken.json.trust.status]).toEqual([201, 'trusted']);
    const foreign = await issueMailCertificate({ address: 'foreign@customer.example' });
    const refused = await api.ask<ProblemView>('POST', '/v1/certificates', { json: { pem: foreign.pem } });
    expect(refused.json.errors?.map(({ code }) => code)).toEqual(['ERR_CERTIFICATE_UNTRUSTED']);
  });

  it('need a folder that has some', async () => {
    expect(await readTrustAnchors(undefined)).toEqual([]);
    await expect(readTrustAnchors(join(folder, 'nowhere'))).rejects.toThrow(/SEALFLOW_SMIME_TRUST_DIR/);
    const empty = mkdtempSync(join(tmpdir(), 'sealflow-empty-'));
    await expect(readTrustAnchors(empty)).rejects.toThrow(/no certificate/);
    writeFileSync(join(empty, 'broken.crt'), 'x');
    await expect(readTrustAnchors(empty)).rejects.toThrow(/broken\.crt/);
    rmSync(empty, { recursive: true });
  });
});

describe('A certificate that mail waits for', () => {
  let api: ApiServer;

  beforeAll(async () => {
    api = await ApiServer.start();
  }, 60_000);

  afterAll(async () => {
    await api.stop();
  });

  it('guarantees that copies held for want of it are due again, and the queue is told', async () => {
    const { json } = await api.submit('?mailFrom=ann@clinic.example&rcptTo=late@customer.example', 'Subject: x\n\nx');
    const { record } = api.database;
    const claimed = await claimOne(record, { id: json.id, organizationId: api.organizationId });
    await record.close(closeInputOf(claimed, [recipientCloseOf('late@customer.example', HELD_KEYLESS)]));
    const told: string[] = [];
    const add = api.platform.enqueue.add.bind(api.platform.enqueue);
    Object.assign(api.platform.enqueue, {
      add: (...args: Parameters<typeof add>) => {
        told.push(`${args[0]} ${args[2]}`);
        add(...args);
      },
    });
    const { pem } = await issueMailCertificate({ address: 'late@customer.example' });
    expect((await api.ask('POST', '/v1/certificates', { json: { pem } })).status).toBe(201);
    expect(told).toEqual([`process ${json.id}`]);
    expect(await record.claim('process', api.organizationId, [json.id])).toHaveLength(1);
  });
});
