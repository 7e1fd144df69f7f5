import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseCertificates, type CertificateInfo } from '#lib/crypto';
import { StartError } from './start-error.js';

const FILES = /\.(?:pem|crt|cer)$/i;

/** The certificates of `SEALFLOW_SMIME_TRUST_DIR`; none without it. Error: `StartError` for a folder that cannot be used. */
export async function readTrustAnchors(folder: string | undefined): Promise<readonly CertificateInfo[]> {
  if (folder === undefined) return [];
  const names = await readdir(folder).catch(() => {
    throw new StartError('SEALFLOW_SMIME_TRUST_DIR names a folder that cannot be read.');
  });
  const anchors: CertificateInfo[] = [];
  for (const name of names.filter((one) => FILES.test(one)).toSorted()) {
    try {
      anchors.push(...parseCertificates(await readFile(join(folder, name))));
    } catch {
      throw new StartError(`SEALFLOW_SMIME_TRUST_DIR: ${name} is no readable certificate.`);
    }
  }
  if (anchors.length === 0) {
    throw new StartError('SEALFLOW_SMIME_TRUST_DIR holds no certificate (.pem, .crt, .cer): nothing would be trusted.');
  }
  return anchors;
}
