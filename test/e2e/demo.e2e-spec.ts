import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { waitFor } from '../support/wait-for.js';
import { describeWith } from '../support/tools.js';

const ROOT = resolve(import.meta.dirname, '../..');
const TEST_MS = 120_000;

/** The demo as a person runs it, with a folder of temporary files of its own, where it must leave nothing. */
class DemoRun {
  readonly folder = mkdtempSync(join(tmpdir(), 'sealflow-demo-test-'));
  readonly child: ChildProcess;
  output = '';

  constructor(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    this.child = spawn(process.execPath, args, {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'], HOME: this.folder, TMPDIR: this.folder, ...environment },
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (piece: Buffer) => (this.output += piece.toString()));
    }
  }

  async ended(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'close');
    return this.child.exitCode;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

describe('npm run demo', () => {
  let demo: DemoRun;
  afterEach(async () => {
    demo.child.kill('SIGTERM');
    await demo.ended();
    demo.remove();
  });

  /** What must stand there for each door, in whichever words. */
  function expectStory(opener: string): void {
    for (const door of ['SMTP', 'REST', 'signed webhook']) expect(demo.output).toContain(`By ${door}: `);
    const count = (text: string): number => demo.output.split(text).length - 1;
    expect(count('delivered, S/MIME')).toBe(6);
    expect(count(`by ${opener}`)).toBe(9);
    expect(count('delivered, as it is')).toBe(3);
    expect(count('ERR_KEY_MISSING')).toBe(3);
    expect(count('because   recipient.scope equal: external')).toBe(9);
    expect(demo.output).toMatch(/\nVerified: all \d+ checks, in \d+ s\.\n/);
    expect(demo.output).not.toContain('WRONG');
  }

  describeWith(['openssl'], 'with --exit', () => {
    it(
      'ends with 0 after each door was verified with openssl, takes other ports where one is taken, and leaves nothing',
      async () => {
        const server = createServer().listen(3000, '127.0.0.1');
        // Somebody else may have it already: then it is taken all the same.
        await new Promise<void>((settled) => {
          for (const event of ['listening', 'error']) {
            server.once(event, () => {
              settled();
            });
          }
        });
        demo = new DemoRun(['scripts/menu.mjs', 'demo', '--exit']);
        const code = await demo.ended();
        server.close();
        expect(`${code} ${code === 0 ? '' : demo.output}`).toBe('0 ');
        expectStory('OpenSSL');
        expect(demo.output).toMatch(/port 3000 is taken: the API takes \d+/);
        expect(readdirSync(demo.folder).filter((name) => name.startsWith('sealflow'))).toEqual([]);
        expect(existsSync(join(ROOT, '.sealflow-menu'))).toBe(false);
      },
      TEST_MS,
    );
  });

  it(
    'opens with our own decoder where there is no openssl and says so, and stays up until Ctrl-C',
    async () => {
      demo = new DemoRun(['dist/apps/standalone/src/demo.main.js'], { PATH: '/nowhere' });
      await waitFor(
        'the demo to have shown all',
        () => demo.output.includes('Ctrl-C ends it') || demo.child.exitCode !== null,
        {
          timeoutMs: TEST_MS / 2,
        },
      );
      expectStory("Sealflow's own decoder (there is no openssl here)");
      for (const link of ['start page', 'API', 'queues', 'mailbox']) {
        const url = new RegExp(`${link} +(http://localhost:\\S+)`).exec(demo.output)?.[1] ?? '';
        expect((await fetch(url)).status).toBe(200);
      }
      demo.child.kill('SIGINT');
      expect(await demo.ended()).toBe(0);
      expect(readdirSync(demo.folder).filter((name) => name.startsWith('sealflow'))).toEqual([]);
    },
    TEST_MS,
  );

  it('knows no other flag', async () => {
    demo = new DemoRun(['dist/apps/standalone/src/demo.main.js', '--leave']);
    expect(await demo.ended()).toBe(2);
    expect(demo.output).toBe('The demo knows only --exit, not --leave.\n');
  });
});
