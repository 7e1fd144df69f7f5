import 'reflect-metadata';
import { KeyObject, webcrypto } from 'node:crypto';
import { PemConverter, SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509';

/** A self-signed certificate for 127.0.0.1 and its key, PEM, for a server of a test. */
export async function makeTestTlsPair(names: { readonly dns?: string } = {}): Promise<{ key: string; cert: string }> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=test',
    notBefore: new Date(Date.now() - 86_400_000),
    notAfter: new Date(Date.now() + 86_400_000),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new SubjectAlternativeNameExtension([
        names.dns === undefined ? { type: 'ip', value: '127.0.0.1' } : { type: 'dns', value: names.dns },
      ]),
    ],
  });
  return {
    key: String(KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' })),
    cert: PemConverter.encode(certificate.rawData, 'CERTIFICATE'),
  };
}
