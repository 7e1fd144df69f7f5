import { AppProcess, Ground } from '../support/app-process.js';
import { childrenOf } from '../support/child-processes.js';
import { MailSink } from '../support/mail-sink.js';
import { waitFor } from '../support/wait-for.js';
import { BOB, messageOf, WorkerGround } from '../support/worker-ground.js';

const MESSAGES = 100;

describe('A worker that is to end', () => {
  let sink: MailSink;
  let ground: Ground;
  let mail: WorkerGround;
  const workers: AppProcess[] = [];

  beforeAll(async () => {
    sink = await MailSink.start();
    ground = await Ground.make();
    mail = await WorkerGround.make(ground, { SEALFLOW_RELAY_URL: sink.url });
    await mail.sealEverything();
  }, 60_000);

  afterAll(async () => {
    await mail.close();
    await ground.remove();
    await sink.stop();
  });

  beforeEach(() => {
    sink.arrived.length = 0;
    sink.mischief = {};
  });

  afterEach(async () => {
    await Promise.all(workers.splice(0).map((worker) => worker.end('SIGKILL')));
  });

  async function start(): Promise<AppProcess> {
    const worker = await mail.worker();
    workers.push(worker);
    return worker;
  }

  /** Workers that have reported themselves; killed ones are among them for 15 s. */
  async function living(): Promise<string[]> {
    return (await ground.database.processes.living()).filter(({ app }) => app === 'worker').map(({ id }) => id);
  }

  /** Waits for so many that were not there before. */
  async function newcomers(before: readonly string[], count: number): Promise<string[]> {
    const found = async (): Promise<string[]> => (await living()).filter((id) => !before.includes(id));
    await waitFor(`${count} to report`, async () => (await found()).length === count, { timeoutMs: 30_000 });
    return await found();
  }

  it('is not among the living any more', async () => {
    const before = await living();
    const worker = await start();
    const [self] = await newcomers(before, 1);
    expect(await worker.end('SIGTERM')).toBe(0);
    expect(await living()).not.toContain(self);
  });

  it('gives up on a relay that does not answer when it must end, and tries again elsewhere', async () => {
    sink.mischief = { delayMs: 600_000 };
    const worker = await start();
    await mail.accept(messageOf(0));
    await waitFor('the message to be with the relay', () => sink.pending > 0);
    const startMs = performance.now();
    expect(await worker.end('SIGTERM')).toBe(0);
    expect(performance.now() - startMs).toBeLessThan(30_000);
    sink.mischief = {};
    await start();
    await sink.expect(1, BOB);
  }, 90_000);

  it('starts so many processes as it is told, again when one dies, and ends them all', async () => {
    const before = await living();
    const parent = AppProcess.spawn('worker', { ...mail.environment, SEALFLOW_WORKER_PROCESSES: '2' });
    const two = await newcomers(before, 2);
    await Promise.all(Array.from({ length: MESSAGES }, (_, n) => mail.accept(messageOf(n))));
    const [one = 0] = childrenOf(parent.pid);
    process.kill(one, 'SIGKILL');
    const [third] = await newcomers([...before, ...two], 1);
    await waitFor('the outbox to be empty', async () => (await mail.open()) === 0, { timeoutMs: 30_000 });
    const ids = sink.arrived.map(({ raw }) => /^Message-ID: .*$/m.exec(raw.subarray(0, 4096).toString('latin1'))?.[0]);
    expect(new Set(ids).size).toBe(MESSAGES);
    expect(await parent.end()).toBe(0);
    expect(await living()).not.toContain(third);
    expect(childrenOf(parent.pid)).toEqual([]);
  }, 90_000);
});
