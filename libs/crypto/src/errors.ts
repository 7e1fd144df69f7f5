import { AppError, type ErrorKind } from '#lib/core';

/**
 * Every code of this lib with its kind and its one public sentence. Opening anything that is encrypted fails with one
 * code and one sentence, whatever the reason inside: the reason would help whoever sends altered ciphertext.
 */
const CODES = {
  ERR_CERTIFICATE_MALFORMED: { kind: 'invalid', publicText: 'This is not a readable X.509 certificate.' },
  ERR_CERTIFICATE_TOO_LARGE: {
    kind: 'invalid',
    publicText: 'The certificate, or the number of certificates, is over the limit.',
  },
  ERR_CERTIFICATE_EXPIRED: { kind: 'invalid', publicText: 'The certificate has expired.' },
  ERR_CERTIFICATE_NOT_YET_VALID: { kind: 'invalid', publicText: 'The certificate is not valid yet.' },
  ERR_CERTIFICATE_KEY_USAGE: {
    kind: 'invalid',
    publicText: 'The key usage of the certificate does not allow keys to be encrypted to it.',
  },
  ERR_CERTIFICATE_EXTENDED_KEY_USAGE: {
    kind: 'invalid',
    publicText: 'The extended key usage of the certificate does not allow e-mail protection.',
  },
  ERR_CERTIFICATE_KEY_TYPE: {
    kind: 'invalid',
    publicText: 'The certificate has a key that is not RSA; only RSA certificates can be sealed to.',
  },
  ERR_CERTIFICATE_KEY_TOO_SMALL: {
    kind: 'invalid',
    publicText: 'The RSA key of the certificate has fewer than 2048 bits.',
  },
  ERR_CERTIFICATE_KEY_UNUSABLE: {
    kind: 'invalid',
    publicText: 'The RSA key of the certificate has a length or an exponent that cannot be used.',
  },
  ERR_CERTIFICATE_NO_ADDRESS: {
    kind: 'invalid',
    publicText:
      'The certificate names no e-mail address in its subject alternative name; one in the subject does not count.',
  },
  ERR_CERTIFICATE_ADDRESS_DIFFERENT: { kind: 'invalid', publicText: 'The certificate is for another e-mail address.' },
  ERR_CERTIFICATE_UNTRUSTED: {
    kind: 'invalid',
    publicText: 'The certificate does not lead to one of the trust anchors.',
  },
  ERR_SEAL_RECIPIENT_MISSING: { kind: 'bug', publicText: 'Nothing can be sealed without a recipient.' },
  ERR_SEAL_SIZE_WRONG: { kind: 'bug', publicText: 'The content to be sealed is not as long as was said.' },
  ERR_SEAL_KEY_WRONG: { kind: 'bug', publicText: 'A data key must have 32 bytes.' },
  ERR_OPEN_FAILED: { kind: 'invalid', publicText: 'The encrypted content could not be opened.' },
} as const satisfies Record<string, { kind: ErrorKind; publicText: string }>;

/** The closed union of this lib's codes. */
export type CryptoErrorCode = keyof typeof CODES;

/** An error of this lib; kind and sentence follow from the code. */
export class CryptoError extends AppError<CryptoErrorCode> {
  constructor(
    code: CryptoErrorCode,
    more: { readonly detail?: Readonly<Record<string, string | number | boolean>>; readonly cause?: unknown } = {},
  ) {
    super(code, { ...CODES[code], ...more });
  }
}

/** All codes, for the test that compares them with docs/errors.md. */
export const cryptoErrorCodes: readonly CryptoErrorCode[] = Object.keys(CODES) as CryptoErrorCode[];

/** The public sentence of a code. */
export function cryptoErrorText(code: CryptoErrorCode): string {
  return CODES[code].publicText;
}
