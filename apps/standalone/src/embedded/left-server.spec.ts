import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { livingServer } from './left-server.js';

describe('livingServer', () => {
  let cluster: string;
  beforeEach(() => {
    cluster = mkdtempSync(join(tmpdir(), 'sealflow-cluster-'));
  });
  afterEach(() => {
    rmSync(cluster, { recursive: true });
  });

  it('guarantees that a process which is no server of this folder is not taken for one', () => {
    const others = [
      spawn('sleep', ['60'], { stdio: 'ignore' }),
      // A server of another folder, by its name.
      spawn('sleep', ['60'], { stdio: 'ignore', argv0: 'postgres' }),
    ];
    for (const { pid } of others) {
      writeFileSync(join(cluster, 'postmaster.pid'), `${pid}\n${cluster}\n`);
      expect(livingServer(cluster)).toBeUndefined();
    }
    for (const other of others) other.kill('SIGKILL');
  });

  it.each(['', 'nonsense', '-1\n', '0\n', '1\n', '999999999\n'])('takes no harm from a note that says %j', (text) => {
    writeFileSync(join(cluster, 'postmaster.pid'), text);
    expect(livingServer(cluster)).toBeUndefined();
  });

  it('finds none where there is no note', () => {
    expect(livingServer(cluster)).toBeUndefined();
  });

  it('finds the one that was started for this folder', () => {
    const server = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', '--', '-D', cluster], {
      stdio: 'ignore',
      argv0: '/somewhere/postgres',
    });
    writeFileSync(join(cluster, 'postmaster.pid'), `${server.pid}\n${cluster}\n`);
    expect(livingServer(cluster)?.pid).toBe(server.pid);
    server.kill('SIGKILL');
  });
});
