import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LogFile } from './log-file.js';

describe('LogFile', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sealflow-log-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('goes on where it was, and begins anew when it is full, with the one before it beside it', () => {
    const path = join(folder, 'api.log');
    new LogFile(path).write(Buffer.from('first\n'));
    const log = new LogFile(path);
    log.write(Buffer.alloc(16 * 1024 * 1024, 'x'));
    log.write(Buffer.from('last\n'));
    expect(readFileSync(path, 'utf8')).toBe('last\n');
    expect(readFileSync(`${path}.1`).subarray(0, 7).toString()).toBe('first\nx');
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('guarantees that what cannot be written ends nothing', () => {
    const log = new LogFile('/dev/full');
    expect(() => log.write(Buffer.from('lost'))).not.toThrow();
  });
});
