import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataFolder } from './data-folder.js';
import { identify, isAlive, signal } from './process-identity.js';

const silent = (): void => undefined;

describe('DataFolder', () => {
  let path: string;
  let other: ChildProcess;
  beforeEach(() => {
    path = join(mkdtempSync(join(tmpdir(), 'sealflow-data-')), 'data');
    other = spawn('sleep', ['60'], { stdio: 'ignore' });
  });
  afterEach(() => {
    other.kill('SIGKILL');
    rmSync(join(path, '..'), { recursive: true });
  });

  const pidOf = (child: ChildProcess): number => child.pid ?? 0;

  it('takes over from one that is gone, also if its process id lives on as somebody else', async () => {
    (await DataFolder.take(path, silent, 50)).file();
    writeFileSync(join(path, 'lock'), JSON.stringify({ pid: pidOf(other), started: 'long ago', isEnding: false }));
    const folder = await DataFolder.take(path, silent, 50);
    expect(JSON.parse(readFileSync(join(path, 'lock'), 'utf8'))).toMatchObject({ pid: process.pid });
    await folder.leave();
    expect(readdirSync(path)).toEqual([]);
  });

  it('refuses a folder that a living one has', async () => {
    await DataFolder.take(path, silent, 50).then((folder) => folder.leave());
    writeFileSync(join(path, 'lock'), JSON.stringify({ ...identify(pidOf(other)), isEnding: false }));
    await expect(DataFolder.take(path, silent, 50)).rejects.toThrow(
      `Another Sealflow (process ${pidOf(other)}) already works`,
    );
  });

  it('waits for one that is ending', async () => {
    await DataFolder.take(path, silent, 50).then((folder) => folder.leave());
    writeFileSync(join(path, 'lock'), JSON.stringify({ ...identify(pidOf(other)), isEnding: true }));
    const folder = await DataFolder.take(path, () => other.kill('SIGKILL'), 50);
    await folder.leave();
  });

  it('ends the processes that a killed one noted', async () => {
    await DataFolder.take(path, silent, 50).then((folder) =>
      folder.noteChildren([identify(pidOf(other)) ?? missing()]),
    );
    writeFileSync(join(path, 'lock'), JSON.stringify({ pid: 1, started: 'long ago', isEnding: false }));
    const gone = new Promise((resolve) => other.once('exit', resolve));
    const folder = await DataFolder.take(path, silent, 50);
    await gone;
    expect(existsSync(join(path, 'children.json'))).toBe(false);
    await folder.leave();
  });

  it('guarantees that a process which only has the id of one that was noted is left alone', async () => {
    await DataFolder.take(path, silent, 50).then(async (folder) => {
      await folder.noteChildren([{ pid: pidOf(other), started: 'long ago' }]);
      await folder.remove('lock');
    });
    const folder = await DataFolder.take(path, silent, 50);
    const living = identify(pidOf(other)) ?? missing();
    expect(isAlive(living)).toBe(true);
    expect(signal({ ...living, started: 'long ago' }, 'SIGKILL')).toBe(false);
    await folder.leave();
  });

  it('keeps what it writes from other users, and whole', async () => {
    const folder = await DataFolder.take(path, silent, 50);
    await folder.write('database.json', 'one');
    await folder.write('database.json', 'two');
    expect(await folder.read('database.json')).toBe('two');
    expect(await folder.read('nothing')).toBeUndefined();
    expect(statSync(join(path, 'database.json')).mode & 0o777).toBe(0o600);
    expect(await folder.makeFolder('keys')).toBe(true);
    expect(await folder.makeFolder('keys')).toBe(false);
    expect(statSync(join(path, 'keys')).mode & 0o777).toBe(0o700);
    await folder.leave();
  });

  it('fails to be made where the system takes no folder, in no endless loop', async () => {
    const making = DataFolder.take('/proc/none/of/these', silent, 50);
    await expect(making).rejects.toMatchObject({ syscall: 'mkdir', path: expect.stringMatching(/^\/proc\/none/) });
  });

  it('is made with those above it, for its owner alone', async () => {
    const folder = await DataFolder.take(join(path, 'a', 'b'), silent, 50);
    expect(statSync(join(path, 'a')).mode & 0o777).toBe(0o700);
    expect(await folder.makeFolder('keys')).toBe(true);
    expect(await folder.makeFolder('keys')).toBe(false);
  });
});

function missing(): never {
  throw new Error('the other process is gone');
}
