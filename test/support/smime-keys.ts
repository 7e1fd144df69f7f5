import { X509Certificate, createPrivateKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const VECTORS = join(import.meta.dirname, '..', 'vectors');

/** A certificate with its private key, published: `keys/SOURCES.md` and `smime/SOURCES.md` say whose. */
export interface TestKey {
  readonly certificatePath: string;
  readonly keyPath: string;
  readonly certificate: Uint8Array;
  readonly privateKey: KeyObject;
}

/** Our own test key of that name (`<name>@customer.example`). */
export function testKey(name: 'ann' | 'bob' | 'carl' | 'dora'): TestKey {
  return readTestKey(join(VECTORS, 'keys', `${name}.test-cert.pem`), join(VECTORS, 'keys', `${name}.test-key.pem`));
}

/** The key that a vector of `test/vectors/smime` was sealed to. */
export function vectorKey(name: 'lamps-bob' | 'james'): TestKey {
  const files = {
    'lamps-bob': ['lamps-bob.encrypt.crt', 'lamps-bob.decrypt.p8.pem'],
    james: ['james.crt.pem', 'james.key.pem'],
  } as const;
  const [certificate, key] = files[name];
  return readTestKey(join(VECTORS, 'smime', certificate), join(VECTORS, 'smime', key));
}

/** A pair of PEM files. */
export function readTestKey(certificatePath: string, keyPath: string): TestKey {
  return {
    certificatePath,
    keyPath,
    certificate: new X509Certificate(readFileSync(certificatePath)).raw,
    privateKey: createPrivateKey(readFileSync(keyPath)),
  };
}
