import { X509Certificate, createPrivateKey } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { ConfigError, makeFolder, systemCodeOf } from '#lib/adapters';
import { Secret, type Clock } from '#lib/core';
import { makeTlsPair } from './make-tls-pair.js';
import type { TlsPair } from './tls-pair.js';

export interface TlsSettings {
  readonly certificateFile: string | undefined;
  readonly keyFile: string | undefined;
  /** Where a pair of our own is kept. */
  readonly dataDir: string;
  readonly hostName: string;
}

/**
 * The pair that the settings name, else one of our own: made at the first start and kept under the data folder, or in
 * memory where that cannot be written (`isKept` is then false). Error: `ConfigError`, which names the variable.
 */
export async function loadTlsPair(
  settings: TlsSettings,
  clock: Clock,
): Promise<{ readonly pair: TlsPair; readonly isKept: boolean }> {
  const { certificateFile, keyFile } = settings;
  if (certificateFile !== undefined && keyFile !== undefined) {
    return { pair: checkedPair(await read('CERT', certificateFile), await read('KEY', keyFile)), isKept: true };
  }
  if (certificateFile !== undefined || keyFile !== undefined) {
    throw new ConfigError(['SEALFLOW_SMTP_TLS_CERT_FILE and SEALFLOW_SMTP_TLS_KEY_FILE go together; set both or none']);
  }
  const folder = join(settings.dataDir, 'smtp-tls');
  const kept = await readKept(folder);
  if (kept !== undefined && isFitFor(kept, settings.hostName, clock.now())) return { pair: kept, isKept: true };
  const pair = await makeTlsPair(settings.hostName, clock.now());
  return { pair, isKept: await keep(folder, pair) };
}

async function read(which: 'CERT' | 'KEY', file: string): Promise<string> {
  return await readFile(file, 'utf8').catch((error: unknown) => {
    throw new ConfigError([
      `SEALFLOW_SMTP_TLS_${which}_FILE names a file that cannot be read (${systemCodeOf(error)})`,
    ]);
  });
}

function checkedPair(certificatePem: string, keyPem: string): TlsPair {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(certificatePem);
  } catch {
    throw new ConfigError(['SEALFLOW_SMTP_TLS_CERT_FILE names a file that is no certificate in PEM']);
  }
  try {
    if (!certificate.checkPrivateKey(createPrivateKey(keyPem))) throw new Error('another key');
    createSecureContext({ cert: certificatePem, key: keyPem });
  } catch {
    throw new ConfigError(['SEALFLOW_SMTP_TLS_KEY_FILE names a file that is not the key, in PEM, of the certificate']);
  }
  return { certificatePem, keyPem: new Secret(keyPem) };
}

/** `undefined` where there is none, or not a whole one: another is made. */
async function readKept(folder: string): Promise<TlsPair | undefined> {
  try {
    const text = await readFile(join(folder, 'pair.pem'), 'utf8');
    const [, certificatePem = '', keyPem = ''] = /^(-----BEGIN CERT[^]*?)(-----BEGIN PRIV[^]*)$/.exec(text) ?? [];
    return checkedPair(certificatePem, keyPem);
  } catch {
    return undefined;
  }
}

function isFitFor({ certificatePem }: TlsPair, hostName: string, now: Date): boolean {
  const certificate = new X509Certificate(certificatePem);
  return certificate.checkHost(hostName) !== undefined && certificate.validToDate > now;
}

/** One file, put in place whole: a killed start, or two at once, leave no half of a pair. */
async function keep(folder: string, { certificatePem, keyPem }: TlsPair): Promise<boolean> {
  try {
    await makeFolder(folder);
    const part = join(folder, `pair.${process.pid}.part`);
    await writeFile(part, certificatePem + keyPem.reveal(), { mode: 0o600 });
    await rename(part, join(folder, 'pair.pem'));
    return true;
  } catch {
    return false;
  }
}
