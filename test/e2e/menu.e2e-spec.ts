import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { waitFor } from '../support/wait-for.js';

const ROOT = resolve(import.meta.dirname, '../..');
const SETTINGS = [
  'scripts',
  'package.json',
  'package-lock.json',
  'jest.config.mjs',
  'tsconfig.json',
  'tsconfig.build.json',
];
const TEST_MS = 60_000;

interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly lastLine: string;
}

/** A small checkout with the menu of this one. */
class Checkout {
  readonly root = mkdtempSync(join(tmpdir(), 'sealflow-menu-'));

  constructor({ isInstalled = true } = {}) {
    for (const name of SETTINGS) cpSync(join(ROOT, name), join(this.root, name), { recursive: true });
    if (isInstalled) symlinkSync(join(ROOT, 'node_modules'), join(this.root, 'node_modules'));
    mkdirSync(join(this.root, 'apps'));
    this.write('libs/one/src/index.ts', 'export const one: number = 1;\n');
  }

  write(file: string, text: string): void {
    mkdirSync(dirname(join(this.root, file)), { recursive: true });
    writeFileSync(join(this.root, file), text);
  }

  menu(args: readonly string[], environment: Readonly<Record<string, string>> = {}): ChildProcess {
    return spawn(process.execPath, ['scripts/menu.mjs', ...args], {
      cwd: this.root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...environment },
    });
  }

  async run(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ended> {
    return await ended(this.menu(args, environment));
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

async function ended(child: ChildProcess): Promise<Ended> {
  let [output, said] = ['', ''];
  child.stdout?.on('data', (piece: Buffer) => (said += piece.toString()));
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (piece: Buffer) => (output += piece.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output, lastLine: said.trim().split('\n').at(-1) ?? '' };
}

const noStack = /\n\s+at \S+ \(|node:internal/;

describe('the menu', () => {
  let checkout: Checkout;
  afterEach(() => {
    checkout.remove();
  });

  it('names its commands when it does not know one', async () => {
    checkout = new Checkout();
    const { code, output } = await checkout.run(['dance']);
    expect(code).toBe(2);
    expect(output).toContain('npm run <command>');
  });

  it(
    'builds what is stale, and nothing when nothing is',
    async () => {
      checkout = new Checkout();
      const built = join(checkout.root, 'dist/libs/one/src/index.js');
      expect((await checkout.run(['build'])).output).toContain('building dist');
      expect(existsSync(built)).toBe(true);
      expect((await checkout.run(['build'])).output).not.toContain('building dist');
      checkout.write('libs/one/src/two.ts', 'export const two: number = 2;\n');
      rmSync(join(checkout.root, 'libs/one/src/index.ts'));
      expect((await checkout.run(['build'])).output).toContain('building dist');
      expect(existsSync(join(checkout.root, 'dist/libs/one/src/two.js'))).toBe(true);
      expect(existsSync(built)).toBe(false);
      expect(existsSync(join(checkout.root, '.sealflow-menu'))).toBe(false);
    },
    TEST_MS,
  );

  it(
    'builds once when two commands want it at the same time',
    async () => {
      checkout = new Checkout();
      const both = await Promise.all([checkout.run(['build']), checkout.run(['build'])]);
      expect(both.map(({ code }) => code)).toEqual([0, 0]);
      expect(both.filter(({ output }) => output.includes('building dist'))).toHaveLength(1);
    },
    TEST_MS,
  );

  it(
    'does not wait for a command that was killed',
    async () => {
      checkout = new Checkout();
      const killed = checkout.menu(['build']);
      const lock = join(checkout.root, '.sealflow-menu/lock');
      await waitFor('the lock', () => existsSync(lock));
      killed.kill('SIGKILL');
      await once(killed, 'close');
      const { code } = await checkout.run(['build']);
      expect(code).toBe(0);
      expect(existsSync(join(checkout.root, 'dist/libs/one/src/index.js'))).toBe(true);
    },
    TEST_MS,
  );

  it(
    'shows what the compiler says, and one sentence',
    async () => {
      checkout = new Checkout();
      checkout.write('libs/one/src/index.ts', "export const one: number = 'x';\n");
      const { code, output } = await checkout.run(['build']);
      expect(code).toBe(1);
      expect(output).toMatch(
        /libs\/one\/src\/index\.ts\(1,14\)[\s\S]*\nThe build failed; what tsc says stands above\.\n$/,
      );
    },
    TEST_MS,
  );
});

describe('the first command in a fresh checkout', () => {
  let checkout: Checkout;
  beforeEach(() => {
    checkout = new Checkout({ isInstalled: false });
  });
  afterEach(() => {
    checkout.remove();
  });

  it(
    'says at once what to do when the registry cannot be reached',
    async () => {
      const { code, output } = await checkout.run(['test'], {
        npm_config_registry: 'http://127.0.0.1:1/',
        npm_config_cache: join(checkout.root, '.cache'),
      });
      expect(code).toBe(1);
      expect(output).toMatch(/The packages could not be fetched: the npm registry cannot be reached\. Connect/);
      expect(output).not.toMatch(noStack);
    },
    TEST_MS,
  );

  it(
    'says what to do when there is no npm',
    async () => {
      symlinkSync(process.execPath, join(checkout.root, 'node'));
      const { code, output } = await checkout.run(['test'], { PATH: checkout.root });
      expect(code).toBe(1);
      expect(output).toMatch(/npm was not found: install Node 20 or newer/);
      expect(output).not.toMatch(noStack);
    },
    TEST_MS,
  );

  it(
    'says what to do when the folder cannot be written',
    async () => {
      const node = join(checkout.root, 'node');
      copyFileSync(process.execPath, node);
      chmodSync(checkout.root, 0o555);
      // Root may write anywhere: then somebody else tries.
      const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
      const child = spawn(node, ['scripts/menu.mjs', 'test'], { cwd: checkout.root, env: {}, ...user });
      const { code, output } = await ended(child);
      chmodSync(checkout.root, 0o755);
      expect(code).toBe(1);
      expect(output).toMatch(/cannot be (?:read or )?written/);
      expect(output).not.toMatch(noStack);
    },
    TEST_MS,
  );
});

describe('npm test', () => {
  let checkout: Checkout;
  beforeEach(() => {
    checkout = new Checkout();
    checkout.write('libs/one/src/good.spec.ts', "it('is good', () => { expect(1).toBe(1); });\n");
  });
  afterEach(() => {
    checkout.remove();
  });

  it(
    'ends with the counts and 0, and names what was skipped',
    async () => {
      checkout.write(
        'libs/one/src/left.spec.ts',
        "describe.skip('gpg (skipped: gpg not found)', () => { it('x', () => {}); });\n",
      );
      const { code, output, lastLine } = await checkout.run(['test']);
      expect(lastLine).toBe('1 passed, 0 failed, 1 skipped');
      expect(code).toBe(0);
      expect(output).toContain('skipped 1 of libs/one/src/left.spec.ts: gpg (skipped: gpg not found)');
    },
    TEST_MS,
  );

  it(
    'counts a failure, a file that cannot run, and a process that dies',
    async () => {
      checkout.write('libs/one/src/bad.spec.ts', "it('is bad', () => { expect(1).toBe(2); });\n");
      checkout.write('libs/one/src/broken.spec.ts', "import './not-there.js';\n");
      checkout.write('libs/one/src/dead.spec.ts', "it('dies', () => { process.kill(process.pid, 'SIGKILL'); });\n");
      const { code, output, lastLine } = await checkout.run(['test']);
      expect(lastLine).toBe('1 passed, 3 failed, 0 skipped');
      expect(code).toBe(1);
      expect(output).toContain('failed  libs/one/src/bad.spec.ts: is bad');
    },
    TEST_MS,
  );

  it(
    'never takes a run without a result, or without a test, for a good one',
    async () => {
      expect((await checkout.run(['test', 'no-such-file'])).lastLine).toBe('0 passed, 1 failed, 0 skipped');
      checkout.write('jest.config.mjs', 'process.exit(0);\n');
      const { code, lastLine } = await checkout.run(['test']);
      expect(lastLine).toBe('0 passed, 1 failed, 0 skipped');
      expect(code).toBe(1);
    },
    TEST_MS,
  );
});
