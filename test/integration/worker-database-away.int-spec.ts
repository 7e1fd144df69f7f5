import { type AppProcess, Ground } from '../support/app-process.js';
import { MailSink } from '../support/mail-sink.js';
import { PostgresServer } from '../support/postgres.js';
import { waitFor } from '../support/wait-for.js';
import { messageOf, WorkerGround } from '../support/worker-ground.js';

const MESSAGES = 10;

describe('The database away for nine seconds while copies are with the relay', () => {
  let sink: MailSink;
  let postgres: PostgresServer;
  let ground: Ground;
  let mail: WorkerGround;
  const workers: AppProcess[] = [];

  beforeAll(async () => {
    sink = await MailSink.start();
    postgres = await PostgresServer.start();
    ground = await Ground.make({ postgres });
    mail = await WorkerGround.make(ground, { SEALFLOW_RELAY_URL: sink.url });
    await mail.sealEverything();
    // Two, so that each could take over what the other one has.
    workers.push(...(await Promise.all([mail.worker(), mail.worker()])));
  }, 60_000);

  afterAll(async () => {
    await Promise.all(workers.map((worker) => worker.end('SIGKILL')));
    await mail.close();
    await ground.remove();
    await postgres.stop();
    await sink.stop();
  });

  it('guarantees that none of them goes twice', async () => {
    sink.mischief = { delayMs: 3_000 };
    await Promise.all(Array.from({ length: MESSAGES }, (_, n) => mail.accept(messageOf(n))));
    await waitFor('all to be with the relay', () => sink.pending === MESSAGES);
    await postgres.kill();
    const startMs = performance.now();
    await waitFor('all to be taken', () => sink.arrived.length === MESSAGES);
    // Longer than claims last.
    await waitFor('nine seconds to be over', () => performance.now() - startMs > 9_000);
    await postgres.start();
    await waitFor('all to be recorded', async () => (await mail.open()) === 0, { timeoutMs: 20_000 });
    expect(sink.arrived).toHaveLength(MESSAGES);
    expect(sink.pending).toBe(0);
  }, 60_000);
});
