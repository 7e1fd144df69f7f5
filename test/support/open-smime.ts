import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findTool } from './tools.js';
import type { TestKey } from './smime-keys.js';

/** Of the key while it is carried from one program to the other. */
const IMPORT_TRIES = 5;
const PASSWORD = 'sealflow';

/** The S/MIME message opened by `openssl cms`: the MIME entity that was sealed. */
export function openWithOpenssl(message: Buffer, key: TestKey): Buffer {
  return inFolder((folder) => {
    const file = join(folder, 'message.eml');
    writeFileSync(file, message);
    const { certificatePath, keyPath } = key;
    const how = ['cms', '-decrypt', '-inform', 'SMIME', '-in', file, '-recip', certificatePath, '-inkey', keyPath];
    return run('openssl', how);
  });
}

/** The same by GnuPG's `gpgsm`, from the base64 of the body. */
export function openWithGpgsm(message: Buffer, key: TestKey): Buffer {
  return inFolder((folder) => {
    chmodSync(folder, 0o700);
    writeFileSync(join(folder, 'gpg-agent.conf'), 'allow-loopback-pinentry\n');
    const gpgsm = ['--homedir', folder, '--batch', '--quiet', '--disable-dirmngr', '--pinentry-mode', 'loopback'];
    gpgsm.push('--passphrase-fd', '0');
    try {
      importKey(gpgsm, key, join(folder, 'key.p12'));
      const file = join(folder, 'message.p7m');
      writeFileSync(file, Buffer.from(bodyOf(message).toString('latin1'), 'base64'));
      return decrypted(() => run('gpgsm', [...gpgsm, '--output', '-', '--decrypt', file], PASSWORD));
    } finally {
      execFileSync(findTool('gpgconf') ?? 'gpgconf', ['--homedir', folder, '--kill', 'all'], { stdio: 'ignore' });
    }
  });
}

/**
 * Imports a key as PKCS#12, in the form that gpgsm 2.2 reads. One in sixty such files it takes for one with a wrong
 * password, by their random salts; then it gets another one.
 */
function importKey(gpgsm: readonly string[], key: TestKey, p12: string): void {
  const form = [
    '-certpbe',
    'PBE-SHA1-3DES',
    '-keypbe',
    'PBE-SHA1-3DES',
    '-macalg',
    'sha1',
    '-passout',
    `pass:${PASSWORD}`,
  ];
  for (let triesLeft = IMPORT_TRIES - 1; ; triesLeft -= 1) {
    run('openssl', ['pkcs12', '-export', ...form, '-inkey', key.keyPath, '-in', key.certificatePath, '-out', p12]);
    try {
      run('gpgsm', [...gpgsm, '--import', p12], PASSWORD);
      return;
    } catch (error) {
      if (triesLeft === 0) throw error;
    }
  }
}

/** It opens a message that is for others as well, and says by its exit code that it does not know them. */
function decrypted(work: () => Buffer): Buffer {
  try {
    return work();
  } catch (error) {
    const { status, stdout, stderr } = error as { status?: number; stdout?: Buffer; stderr?: Buffer };
    const isOpened = status === 2 && /^(?:gpgsm: failed to find the certificate: .*\s*)+$/.test(String(stderr));
    if (!isOpened || stdout === undefined || stdout.length === 0) throw error;
    return stdout;
  }
}

function bodyOf(message: Buffer): Buffer {
  return message.subarray(message.indexOf('\r\n\r\n') + 4);
}

function inFolder<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'sealflow-open-'));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(tool: string, how: readonly string[], input = ''): Buffer {
  return execFileSync(findTool(tool) ?? tool, how, { input, stdio: ['pipe', 'pipe', 'pipe'], maxBuffer: 1 << 28 });
}
