import { copyFileSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testKey } from '../../../../test/support/smime-keys.js';
import { readTrustAnchors } from './read-trust-anchors.js';
import { StartError } from './start-error.js';

const folder = (): string => mkdtempSync(join(tmpdir(), 'sealflow-trust-'));

describe('readTrustAnchors', () => {
  it('reads the certificates of the folder, and nothing else there', async () => {
    const trust = folder();
    copyFileSync(testKey('bob').certificatePath, join(trust, 'b.pem'));
    copyFileSync(testKey('ann').certificatePath, join(trust, 'a.crt'));
    writeFileSync(join(trust, 'README'), 'not a certificate');
    const anchors = await readTrustAnchors(trust);
    expect(anchors.map(({ addresses }) => addresses[0])).toEqual(['ann@customer.example', 'bob@customer.example']);
  });

  it('trusts by no chain without a folder', async () => {
    expect(await readTrustAnchors(undefined)).toEqual([]);
  });

  it('refuses a folder that would trust nothing, or cannot be read', async () => {
    const broken = folder();
    writeFileSync(join(broken, 'x.pem'), 'no certificate');
    for (const [given, expected] of [
      [folder(), /holds no certificate/],
      [broken, /x\.pem is no readable certificate/],
      ['/nowhere', /cannot be read/],
    ] as const) {
      const failed = await readTrustAnchors(given).catch((error: unknown) => error);
      expect(failed).toBeInstanceOf(StartError);
      expect(String(failed)).toMatch(expected);
    }
  });
});
