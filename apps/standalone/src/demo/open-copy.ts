import { execFileSync } from 'node:child_process';
import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { openMessage } from '#lib/crypto';
import type { KeyOwner } from './cast.js';
import { vectorPath } from './original.js';

export interface Opened {
  /** The program that opened it, with its version. */
  readonly by: string;
  readonly entity: Buffer;
}

/** Opens a sealed copy with its recipient's key: by openssl where there is one, else by our own decoder. */
export async function openCopy(copy: Buffer, owner: KeyOwner): Promise<Opened> {
  const openssl = versionOfOpenssl();
  return openssl === undefined ? openByOurselves(copy, owner) : { by: openssl, entity: openByOpenssl(copy, owner) };
}

export function certificatePem(owner: KeyOwner): string {
  return readFileSync(certificatePath(owner), 'utf8');
}

/** `OpenSSL 3.0.17`; `undefined` where this machine has none. */
function versionOfOpenssl(): string | undefined {
  try {
    return execFileSync('openssl', ['version'], { encoding: 'utf8', stdio: 'pipe' }).split(' ').slice(0, 2).join(' ');
  } catch {
    return undefined;
  }
}

function openByOpenssl(copy: Buffer, owner: KeyOwner): Buffer {
  const keys = ['-recip', certificatePath(owner), '-inkey', keyPath(owner)];
  return execFileSync('openssl', ['cms', '-decrypt', '-inform', 'SMIME', ...keys], { input: copy, stdio: 'pipe' });
}

async function openByOurselves(copy: Buffer, owner: KeyOwner): Promise<Opened> {
  const key = {
    certificate: new X509Certificate(certificatePem(owner)).raw,
    privateKey: createPrivateKey(readFileSync(keyPath(owner))),
  };
  const pieces = await Array.fromAsync(openMessage(inOnePiece(copy), [key], { random: randomBytes }));
  return { by: "Sealflow's own decoder (there is no openssl here)", entity: Buffer.concat(pieces) };
}

async function* inOnePiece(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}

const certificatePath = (owner: KeyOwner): string => vectorPath(`keys/${owner}.test-cert.pem`);
const keyPath = (owner: KeyOwner): string => vectorPath(`keys/${owner}.test-key.pem`);
