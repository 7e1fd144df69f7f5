import { createHmac, randomUUID } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { entityOf, fieldsOf, withCrlf } from '../support/entity.js';
import { MailSink, type Arrived } from '../support/mail-sink.js';
import { openWithGpgsm, openWithOpenssl } from '../support/open-smime.js';
import { Product } from '../support/product.js';
import { testKey } from '../support/smime-keys.js';
import { describeWith, findTool } from '../support/tools.js';
import { waitFor } from '../support/wait-for.js';

const MESSAGE = withCrlf(readFileSync('test/vectors/messages/pdf-from-outlook.eml'));
const PLAIN = withCrlf(readFileSync('test/vectors/messages/no-content-type-lf.eml'));
const FROM = 'dr.ames@clinic.example';
const BOB = 'bob@customer.example';
const DORA = 'dora@customer.example';

interface MessageView {
  readonly status: string;
  readonly recipients: readonly { readonly address: string; readonly state: string; readonly protection: string }[];
  readonly events: readonly { readonly type: string; readonly detail: Readonly<Record<string, unknown>> }[];
  readonly rules: readonly { readonly name: string; readonly outcome: string; readonly why: readonly unknown[] }[];
}

let sink: MailSink;
let product: Product;

beforeAll(async () => {
  sink = await MailSink.start();
  product = await Product.start({ relayUrl: sink.url });
  await product.json('/v1/certificates', { pem: readFileSync(testKey('bob').certificatePath, 'utf8') });
  await product.json('/v1/rules', {
    name: 'To customers only sealed',
    conditions: { all: [{ fact: 'recipient.domain', operator: 'equal', value: 'customer.example' }] },
    actions: [{ type: 'encrypt', method: 'smime' }],
  });
}, 120_000);

afterAll(async () => {
  await product.stop();
  await sink.stop();
});

beforeEach(() => {
  sink.arrived.length = 0;
});

async function byRest(rcptTo: readonly string[], message = MESSAGE): Promise<string> {
  const query = new URLSearchParams([['mailFrom', FROM], ...rcptTo.map((one): [string, string] => ['rcptTo', one])]);
  const response = await product.fetch(`/v1/messages?${query.toString()}`, {
    method: 'POST',
    headers: { 'content-type': 'message/rfc822' },
    body: message,
  });
  expect(response.status).toBe(202);
  return ((await response.json()) as { id: string }).id;
}

async function view(id: string, status: string): Promise<MessageView> {
  return await waitFor(`${id} to be ${status}`, async () => {
    const message = await product.json<MessageView>(`/v1/messages/${id}`);
    return message.status === status && message;
  });
}

function expectSealed(arrived: Arrived | undefined, original: Buffer): Buffer {
  const raw = arrived?.raw ?? Buffer.alloc(0);
  expect(openWithOpenssl(raw, testKey('bob'))).toEqual(entityOf(original));
  return raw;
}

describeWith(['openssl'], 'A message to a recipient with a certificate', () => {
  it('comes by REST and arrives as S/MIME that openssl opens to the same entity, byte for byte', async () => {
    const id = await byRest([BOB]);
    const [arrived] = await sink.expect(1, BOB);
    const raw = expectSealed(arrived, MESSAGE);
    expect(arrived?.mailFrom).toBe(FROM);
    expect(raw.toString('latin1')).toContain(`X-Sealflow-Id: ${id}\r\n`);
    const { recipients, rules } = await view(id, 'delivered');
    expect(recipients).toMatchObject([{ address: BOB, state: 'delivered', protection: 'smime' }]);
    expect(rules).toMatchObject([{ name: 'To customers only sealed', outcome: 'matched' }]);
  });

  it('comes by a signed webhook, once however often it is sent', async () => {
    const connector = await product.json<{ url: string; secret: string }>('/v1/connectors', {
      name: 'shop',
      direction: 'in',
      provider: 'generic',
      trusted: true,
    });
    const body = JSON.stringify({ mailFrom: FROM, rcptTo: [BOB], raw: MESSAGE.toString('base64') });
    const [id, at] = [`msg_${randomUUID()}`, `${Math.floor(Date.now() / 1000)}`];
    const key = Buffer.from(connector.secret.replace(/^whsec_/, ''), 'base64');
    const signature = createHmac('sha256', key).update(`${id}.${at}.${body}`).digest('base64');
    const path = new URL(connector.url).pathname;
    const send = (signed: string): Promise<Response> =>
      fetch(`http://127.0.0.1:${product.httpPort}${path}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'webhook-id': id,
          'webhook-timestamp': at,
          'webhook-signature': `v1,${signed}`,
        },
        body,
      });
    expect((await send(createHmac('sha256', 'wrong').update(body).digest('base64'))).status).toBe(401);
    expect((await send(signature)).status).toBe(202);
    expect((await send(signature)).status).toBe(202);
    const [arrived] = await sink.expect(1, BOB);
    expectSealed(arrived, MESSAGE);
    const list = await product.json<{ items: { source: string }[] }>('/v1/messages?limit=10');
    expect(list.items.filter((one) => one.source === 'webhook')).toHaveLength(1);
  });

  it('leaves the others of its recipients: one without a key is held and says so, and goes by itself with the key', async () => {
    const id = await byRest([BOB, DORA, 'nurse@clinic.example']);
    const [forBob] = await sink.expect(1, BOB);
    expectSealed(forBob, MESSAGE);
    const [forNurse] = await sink.expect(1, 'nurse@clinic.example');
    const added = fieldsOf(forNurse?.raw ?? Buffer.alloc(0)).slice(0, 3);
    expect(added.map((field) => field.split(':')[0])).toEqual(['X-Sealflow-Id', 'X-Sealflow-Loop', 'Received']);
    expect(forNurse?.raw.subarray(Buffer.byteLength(added.join('')))).toEqual(MESSAGE);
    const held = await view(id, 'partiallyDelivered');
    expect(held.recipients.find(({ address }) => address === DORA)).toMatchObject({ state: 'held' });
    expect(held.events).toContainEqual(
      expect.objectContaining({
        type: 'held',
        detail: expect.objectContaining({ code: 'ERR_KEY_MISSING', recipient: DORA }),
      }),
    );
    const [notice] = await sink.expect(1, 'postmaster@clinic.example');
    expect(notice?.raw.toString()).toContain(DORA);
    const startedMs = Date.now();
    await product.json('/v1/certificates', { pem: readFileSync(testKey('dora').certificatePath, 'utf8') });
    const [forDora] = await sink.expect(1, DORA);
    expect(Date.now() - startedMs).toBeLessThan(10_000);
    expect(openWithOpenssl(forDora?.raw ?? Buffer.alloc(0), testKey('dora'))).toEqual(entityOf(MESSAGE));
    await view(id, 'delivered');
    expect(sink.for('postmaster@clinic.example')).toHaveLength(1);
  });

  it('is explained before it is sent, as the line then does it', async () => {
    const query = new URLSearchParams([
      ['mailFrom', FROM],
      ['rcptTo', BOB],
      ['rcptTo', 'nurse@clinic.example'],
    ]);
    const response = await product.fetch(`/v1/rules/evaluate?${query.toString()}`, {
      method: 'POST',
      headers: { 'content-type': 'message/rfc822' },
      body: MESSAGE,
    });
    const verdict = (await response.json()) as Record<string, unknown>;
    expect(verdict['recipients']).toMatchObject([
      { address: BOB, protection: 'smime', wouldHold: null },
      { address: 'nurse@clinic.example', protection: 'none', wouldHold: null },
    ]);
    expect(verdict['rules']).toMatchObject([
      {
        outcome: 'matched',
        why: [
          { path: '/conditions/all/0', matched: true },
          { path: '/conditions/all/0', matched: false },
        ],
      },
    ]);
  });
});

describeWith(['openssl', 'swaks'], 'A message by swaks', () => {
  it('is answered with its id, and arrives sealed', async () => {
    const said = execFileSync(
      findTool('swaks') ?? 'swaks',
      [
        '--server',
        `127.0.0.1:${product.smtpPort}`,
        '--from',
        FROM,
        '--to',
        BOB,
        '--data',
        join('test/vectors/messages/pdf-from-outlook.eml'),
      ],
      { encoding: 'utf8' },
    );
    const id = /250 2\.0\.0 (\S+) accepted/.exec(said)?.[1] ?? '';
    const [arrived] = await sink.expect(1, BOB);
    expect(arrived?.raw.toString('latin1')).toContain(`X-Sealflow-Id: ${id}\r\n`);
    await view(id, 'delivered');
  });
});

describeWith(['openssl', 'gpgsm'], 'A sealed message in GnuPG', () => {
  it.each([
    ['with an attachment', MESSAGE],
    ['without Content-Type', PLAIN],
  ])('is opened by gpgsm to the same entity: %s', async (_, message) => {
    await byRest([BOB], message);
    const [arrived] = await sink.expect(1, BOB);
    expect(openWithGpgsm(arrived?.raw ?? Buffer.alloc(0), testKey('bob'))).toEqual(entityOf(message));
  });
});
