import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { StandaloneProcess } from '../support/standalone-process.js';

const NOBODY = { uid: 65_534, gid: 65_534 };
const ROOT = resolve(import.meta.dirname, '../..');
const TEST_MS = 120_000;

const isRoot = process.getuid?.() === 0;
const canNobodyRun =
  isRoot && spawnSync(process.execPath, [join(ROOT, 'scripts/menu.mjs')], { cwd: '/', ...NOBODY }).status === 2;

/** Root is needed to be two users; an ordinary user alone is what every other test shows. */
function describeAsRoot(name: string, isPossible: boolean, why: string, define: () => void): void {
  if (isPossible) describe(name, define);
  else describe.skip(`${name} (skipped: ${why})`, define);
}

describeAsRoot('npm start on one machine', isRoot, 'this is not root', () => {
  let folder: string;
  const started: StandaloneProcess[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sealflow-users-'));
  });
  afterEach(async () => {
    for (const standalone of started.splice(0)) await standalone.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(dataDir: string, user?: typeof NOBODY): Promise<StandaloneProcess> {
    const standalone = await StandaloneProcess.create({ dataDir, ...(user === undefined ? {} : { user }) });
    started.push(standalone);
    standalone.start();
    await standalone.ready(TEST_MS / 2);
    return standalone;
  }

  it(
    'works for root in a folder that only root may enter, and comes back to its data',
    async () => {
      chmodSync(folder, 0o700);
      const standalone = await start(join(folder, 'data'));
      const { place } = JSON.parse(readFileSync(join(folder, 'data/database.json'), 'utf8')) as { place: string };
      try {
        expect(standalone.output).toContain(`the database is in ${place}`);
        await standalone.stop();
        standalone.start();
        await standalone.ready(TEST_MS / 2);
        expect(standalone.output).not.toContain('made an empty PostgreSQL database');
      } finally {
        await standalone.stop();
        rmSync(place, { recursive: true, force: true });
      }
      expect(existsSync(place)).toBe(false);
    },
    TEST_MS,
  );

  const both = canNobodyRun ? it : it.skip;
  both(
    `works for root and another user at the same time${canNobodyRun ? '' : ' (skipped: only root may enter this checkout)'}`,
    async () => {
      chmodSync(folder, 0o755);
      const own = join(folder, 'nobody');
      mkdirSync(own);
      chownSync(own, NOBODY.uid, NOBODY.gid);
      const two = await Promise.all([start(join(folder, 'root')), start(join(own, 'data'), NOBODY)]);
      for (const standalone of two) expect((await standalone.fetch('/healthz')).status).toBe(200);
    },
    TEST_MS,
  );
});
