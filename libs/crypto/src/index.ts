export { openedSize } from './blob/blob-format.js';
export { openBlob } from './blob/open-blob.js';
export { openBlobWhole } from './blob/open-blob-whole.js';
export { sealBlob, sealBlobWhole } from './blob/seal-blob.js';
export { openSmall, sealSmall } from './blob/seal-small.js';
export { CryptoError, cryptoErrorCodes, cryptoErrorText, type CryptoErrorCode } from './errors.js';
export type { CertificateInfo } from './smime/certificate-info.js';
export {
  checkCertificate,
  type CertificateCheck,
  type CertificateProblem,
  type CertificateTrust,
  type CheckOptions,
} from './smime/check-certificate.js';
export type { OpenKey } from './smime/content-key.js';
export { openEntity, type OpenOptions, type OpenedContent } from './smime/open-entity.js';
export { openMessage } from './smime/open-message.js';
export { parseCertificates } from './smime/parse-certificates.js';
export type { SealInput, SealedContent } from './smime/seal-entity.js';
export { sealMessage } from './smime/seal-message.js';
