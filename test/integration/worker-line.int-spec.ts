import { statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppProcess, Ground } from '../support/app-process.js';
import { MailSink } from '../support/mail-sink.js';
import { importKey } from '../support/record-ground.js';
import { waitFor } from '../support/wait-for.js';
import { ANN, BOB, DORA, messageOf, WorkerGround } from '../support/worker-ground.js';

let sink: MailSink;
let ground: Ground;
let mail: WorkerGround;
let worker: AppProcess;

beforeAll(async () => {
  sink = await MailSink.start();
  ground = await Ground.make();
  mail = await WorkerGround.make(ground, { SEALFLOW_RELAY_URL: sink.url });
  await mail.sealEverything();
  worker = await mail.worker();
}, 60_000);

afterAll(async () => {
  await worker.end();
  await mail.close();
  await ground.remove();
  await sink.stop();
});

beforeEach(() => {
  sink.arrived.length = 0;
  sink.mischief = {};
});

async function becomes(id: string, status: string): Promise<void> {
  await waitFor(`${id} to be ${status}`, async () => (await mail.statusOf(id)) === status);
}

describe('A worker', () => {
  it('walks a message along the whole line', async () => {
    const id = await mail.accept(messageOf('one'));
    const [arrived] = await sink.expect(1, BOB);
    expect(arrived?.mailFrom).toBe(ANN);
    expect(arrived?.raw.toString('latin1')).toContain('application/pkcs7-mime');
    expect(arrived?.raw.toString('latin1')).not.toContain('the patient');
    await becomes(id, 'delivered');
    expect(await mail.open()).toBe(0);
  });

  it('says that it lives, with its relay, and marks it for the health check', async () => {
    const living = await waitFor('the report', async () => {
      const all = await ground.database.processes.living();
      return all.find(({ app }) => app === 'worker');
    });
    expect(living.state).toMatchObject({ relay: 'configured' });
    expect(living.state).not.toHaveProperty('relayFailure');
    const names = (living.metrics as { readonly name: string }[]).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['sealflow_steps_total', 'sealflow_messages_in_hand']));
    expect(Date.now() - statSync(join(tmpdir(), `sealflow-worker-${process.getuid?.() ?? 0}`)).mtimeMs).toBeLessThan(
      30_000,
    );
  });

  it('holds a copy without a key, tells the postmaster once, and sends it within 10 s after the key has come', async () => {
    const id = await mail.accept(messageOf('two'), [BOB, DORA]);
    await sink.expect(1, BOB);
    const [notice] = await sink.expect(1, 'postmaster@clinic.example');
    expect(notice?.raw.toString('latin1')).toContain(DORA);
    expect(sink.for(DORA)).toEqual([]);
    // The API tells the queue of what is due by then; here only the worker's own pass finds it.
    await importKey(ground.database, ground.organizationId, 'dora');
    const start = performance.now();
    await sink.expect(1, DORA);
    expect(performance.now() - start).toBeLessThan(10_000);
    await becomes(id, 'delivered');
    expect(sink.for('postmaster@clinic.example')).toHaveLength(1);
  }, 40_000);

  it('finds what the queue was never told of', async () => {
    const queueless = await WorkerGround.make(ground, { SEALFLOW_REDIS_URL: 'redis://127.0.0.1:1' });
    const id = await queueless.accept(messageOf('three'));
    await sink.expect(1, BOB);
    await becomes(id, 'delivered');
    await queueless.close();
  }, 40_000);

  it('tells the sender of a permanent failure, by a message of its own', async () => {
    sink.mischief = { rcpt: (address) => (address === BOB ? 550 : undefined) };
    const id = await mail.accept(messageOf('four'));
    const [dsn] = await sink.expect(1, ANN);
    expect(dsn?.mailFrom).toBe('');
    expect(dsn?.raw.toString('latin1')).toContain('multipart/report');
    await becomes(id, 'failed');
  }, 40_000);

  it('does not let one message that cannot be judged hold up its neighbours', async () => {
    const nested = (depth: number): string =>
      depth === 0 ? 'x\r\n' : `Content-Type: message/rfc822\r\n\r\n${nested(depth - 1)}`;
    const hard = await mail.accept(Buffer.from(`From: ${ANN}\r\n${nested(5_000)}`));
    const easy = await Promise.all([1, 2, 3].map((n) => mail.accept(messageOf(`five-${n}`))));
    for (const id of easy) await becomes(id, 'delivered');
    await becomes(hard, 'held');
  }, 40_000);

  it('guarantees that no address and nothing of a message is in its log', () => {
    for (const text of [ANN, BOB, DORA, 'the patient', 'Subject']) expect(worker.log).not.toContain(text);
    expect(worker.log).toContain('"msg":"settled"');
  });
});

describe('A worker without a relay', () => {
  it('keeps mail as deferred, says so, and sends it when there is one', async () => {
    const alone = await Ground.make();
    const waiting = await WorkerGround.make(alone);
    const without = await waiting.worker();
    const id = await waiting.accept(messageOf('six'));
    await waitFor('the message to be deferred', async () => {
      const detail = await alone.database.messages.find(alone.organizationId, id);
      return detail?.recipients[0]?.state === 'deferred';
    });
    await waitFor('the report', async () => {
      const living = await alone.database.processes.living();
      return living.some(({ state }) => state['relay'] === 'absent');
    });
    expect(await without.end()).toBe(0);
    const withOne = await waiting.worker({ SEALFLOW_RELAY_URL: sink.url });
    await sink.expect(1, BOB, 40_000);
    await withOne.end();
    await waiting.close();
    await alone.remove();
  }, 90_000);
});

describe('A worker that cannot start', () => {
  it.each([
    ['SEALFLOW_RELAY_URL', 'smtp://relay.example:99999'],
    ['SEALFLOW_RELAY_URL', 'smtp://relay.example?tls=perhaps'],
    ['SEALFLOW_BLOB_URL', 'file:/etc/hostname/blobs'],
    ['SEALFLOW_KMS_URL', 'file:/proc'],
    ['SEALFLOW_SMIME_TRUST_DIR', '/nowhere'],
    ['SEALFLOW_WORKER_CONCURRENCY', '0'],
  ])(
    'says in one sentence what is wrong with %s (%s), and ends with 1',
    async (variable, value) => {
      const other = AppProcess.spawn('worker', { ...mail.environment, [variable]: value });
      expect(await other.exited()).toBe(1);
      expect(other.log).toContain(variable);
      expect(other.log).not.toMatch(/^\s+at /m);
    },
    60_000,
  );
});
