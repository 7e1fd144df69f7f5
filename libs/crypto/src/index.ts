export { CryptoError, cryptoErrorCodes, cryptoErrorText, type CryptoErrorCode } from './errors.js';
