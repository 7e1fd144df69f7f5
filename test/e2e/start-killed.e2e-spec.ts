import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive, killAll, StandaloneProcess, type ProcessLine } from '../support/standalone-process.js';
import { waitFor } from '../support/wait-for.js';

const START_MS = 60_000;
/** Disconnected children have ten seconds, the server's guard gives them two. */
const GONE_MS = 25_000;

const isServer = ({ command }: ProcessLine): boolean => / -D \S+\/postgres /.test(command);
const isOf = (app: string) => (line: ProcessLine) => line.command.includes(`/apps/${app}/src/main.js`);

describe('npm start', () => {
  let folder: string;
  let standalone: StandaloneProcess;
  let apiKey: string;

  beforeAll(async () => {
    folder = join(mkdtempSync(join(tmpdir(), 'sealflow-start-')), 'data');
    standalone = await StandaloneProcess.create({ dataDir: folder });
    standalone.start();
    await standalone.ready();
  }, 2 * START_MS);

  afterAll(async () => {
    await standalone.stop();
    const note = JSON.parse(readFileSync(join(folder, 'database.json'), 'utf8')) as { place: string | null };
    for (const path of [note.place ?? folder, join(folder, '..')]) rmSync(path, { recursive: true, force: true });
  }, START_MS);

  /** A living process of that kind below it, another one than `before`. */
  async function another(kind: (line: ProcessLine) => boolean, before = 0): Promise<number> {
    const line = await waitFor(
      'another process',
      () => standalone.below().find((one) => kind(one) && one.pid !== before),
      {
        timeoutMs: START_MS,
      },
    );
    return line.pid;
  }

  async function works(): Promise<void> {
    await waitFor('the API to answer', async () => (await standalone.fetch('/v1/rules', apiKey)).ok, {
      timeoutMs: START_MS,
    });
  }

  async function startAgain(): Promise<void> {
    standalone.start();
    await standalone.ready(START_MS);
    await works();
  }

  it('shows the first API key once, and warns that the keys need a backup', async () => {
    apiKey = /shown this once:\n\s+(\S+)\n/.exec(standalone.output)?.[1] ?? '';
    expect(apiKey.length).toBeGreaterThanOrEqual(32);
    expect(standalone.output).toContain('Back it up');
    expect((await standalone.fetch('/v1/rules', apiKey)).status).toBe(200);
  });

  it(
    'says that a second one on the same folder cannot be, and that one ends',
    async () => {
      const second = await StandaloneProcess.create({ dataDir: folder });
      second.start();
      expect(await second.ended()).toBe(1);
      expect(second.output).toMatch(
        /^Another Sealflow \(process \d+\) already works in .*: end it first, or set SEALFLOW_DATA_DIR/m,
      );
      await works();
    },
    START_MS,
  );

  it(
    'starts a process again that was killed: api, smtp, worker, the server',
    async () => {
      for (const kind of [isOf('api'), isOf('smtp'), isOf('worker'), isServer]) {
        const before = await another(kind);
        process.kill(before, 'SIGKILL');
        await another(kind, before);
      }
      await works();
    },
    2 * START_MS,
  );

  it(
    'guarantees that nothing is left soon after the supervisor was killed',
    async () => {
      const below = standalone.below();
      expect(below.filter((line) => isServer(line) || /apps\/(api|smtp|worker)\//.test(line.command))).toHaveLength(4);
      standalone.signal('SIGKILL');
      await waitFor('all to be gone', () => !below.some(({ pid }) => isAlive(pid)), { timeoutMs: GONE_MS });
    },
    START_MS,
  );

  it(
    'is ready again within 60 s on the same folder and ports after all of it was killed',
    async () => {
      await startAgain();
      expect(standalone.output).not.toContain('shown this once');
      const all = standalone.below();
      standalone.signal('SIGKILL');
      killAll(all);
      await startAgain();
    },
    3 * START_MS,
  );

  it(
    'ends a server that a killed predecessor left, and takes its place',
    async () => {
      const all = standalone.below();
      const server = all.find(isServer)?.pid ?? 0;
      standalone.signal('SIGKILL');
      killAll(all.filter((line) => line.pid !== server && line.parent !== server));
      expect(isAlive(server)).toBe(true);
      await startAgain();
      expect(standalone.output).toContain(`process ${server}`);
      expect(isAlive(server)).toBe(false);
    },
    2 * START_MS,
  );

  it(
    'ends within 30 s of SIGTERM, doors before workers before the server, and leaves nothing',
    async () => {
      const below = standalone.below();
      const start = performance.now();
      standalone.signal('SIGTERM');
      expect(await standalone.ended()).toBe(0);
      expect(performance.now() - start).toBeLessThan(30_000);
      expect(below.filter(({ pid }) => isAlive(pid))).toEqual([]);
      const order = ['doors have ended', 'workers have ended', 'PostgreSQL has ended'].map((text) =>
        standalone.output.indexOf(text),
      );
      expect(order).toEqual([...order].sort((a, b) => a - b));
      expect(order[0]).toBeGreaterThan(0);
    },
    START_MS,
  );
});
