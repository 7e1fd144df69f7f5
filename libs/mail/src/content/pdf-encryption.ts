import type { HeldBytes } from './held-bytes.js';

const WINDOW_BYTES = 1 << 20;
/** Longer than what is looked for. */
const OVERLAP_BYTES = 200;
/** The entry of a trailer (ISO 32000-2 section 7.6.2): a reference or a dictionary. Letters of a name may be escaped. */
const ENTRY =
  /\/(?:E|#45)(?:n|#6[eE])(?:c|#63)(?:r|#72)(?:y|#79)(?:p|#70)(?:t|#74)[\0\t\n\f\r ]{0,50}(?:<<|[\0\t\n\f\r ]\d{1,10}[\0\t\n\f\r ]{1,50}\d{1,5}[\0\t\n\f\r ]{1,50}R)/;

/** Whether a PDF is encrypted, also if everybody may open it and only some things are not allowed. */
export function isEncryptedPdf(bytes: HeldBytes): boolean {
  for (let at = 0; at < bytes.length; at += WINDOW_BYTES) {
    if (ENTRY.test(bytes.slice(at, at + WINDOW_BYTES + OVERLAP_BYTES).toString('latin1'))) return true;
  }
  return false;
}
