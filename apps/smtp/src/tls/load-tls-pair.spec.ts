import { X509Certificate, createPrivateKey } from 'node:crypto';
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '#lib/adapters';
import { fixedClock } from '#lib/core';
import { testKey } from '../../../../test/support/smime-keys.js';
import { loadTlsPair, type TlsSettings } from './load-tls-pair.js';

const clock = fixedClock('2026-11-24T10:00:00Z');
const [ann, bob] = [testKey('ann'), testKey('bob')];

function settings(more: Partial<TlsSettings> = {}): TlsSettings {
  const dataDir = mkdtempSync(join(tmpdir(), 'sealflow-tls-'));
  return { certificateFile: undefined, keyFile: undefined, dataDir, hostName: 'door.example', ...more };
}

describe('loadTlsPair', () => {
  it('makes a pair of its own once, for this host, and keeps it where nobody else reads it', async () => {
    const given = settings();
    const { pair, isKept } = await loadTlsPair(given, clock);
    const certificate = new X509Certificate(pair.certificatePem);
    expect(isKept).toBe(true);
    expect(certificate.checkHost('door.example')).toBe('door.example');
    expect(certificate.checkPrivateKey(createPrivateKey(pair.keyPem.reveal()))).toBe(true);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.ca).toBe(false);
    expect(statSync(join(given.dataDir, 'smtp-tls', 'pair.pem')).mode & 0o777).toBe(0o600);
    expect((await loadTlsPair(given, clock)).pair.certificatePem).toBe(pair.certificatePem);
  });

  it('makes another when the name has changed, the time is over, or half of it is lost', async () => {
    const given = settings();
    const first = (await loadTlsPair(given, clock)).pair.certificatePem;
    const renamed = (await loadTlsPair({ ...given, hostName: 'new.example' }, clock)).pair.certificatePem;
    expect(renamed).not.toBe(first);
    const later = (await loadTlsPair({ ...given, hostName: 'new.example' }, fixedClock('2037-01-01T00:00:00Z'))).pair;
    expect(later.certificatePem).not.toBe(renamed);
    const file = join(given.dataDir, 'smtp-tls', 'pair.pem');
    writeFileSync(file, readFileSync(file, 'utf8').slice(0, 300));
    expect((await loadTlsPair({ ...given, hostName: 'new.example' }, clock)).isKept).toBe(true);
  });

  it('goes on in memory where nothing can be written', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'sealflow-tls-')), 'a-file');
    writeFileSync(file, '');
    expect((await loadTlsPair(settings({ dataDir: file }), clock)).isKept).toBe(false);
  });

  it('takes the pair that is named', async () => {
    const given = settings({ certificateFile: bob.certificatePath, keyFile: bob.keyPath });
    const { pair } = await loadTlsPair(given, clock);
    expect(pair.certificatePem).toBe(readFileSync(bob.certificatePath, 'utf8'));
  });

  it.each([
    ['one without the other', { certificateFile: bob.certificatePath }, /go together/],
    ['a file that is not there', { certificateFile: '/nowhere', keyFile: bob.keyPath }, /CERT_FILE .*ENOENT/],
    ['no certificate', { certificateFile: bob.keyPath, keyFile: bob.keyPath }, /CERT_FILE .*no certificate/],
    ["somebody else's key", { certificateFile: bob.certificatePath, keyFile: ann.keyPath }, /KEY_FILE .*not the key/],
    ['no key', { certificateFile: bob.certificatePath, keyFile: bob.certificatePath }, /KEY_FILE .*not the key/],
  ])('says what is wrong with %s, and names the variable', async (_name, more, expected) => {
    const failed = await loadTlsPair(settings(more), clock).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(ConfigError);
    expect(String(failed)).toMatch(expected);
  });
});
