import type { HeldBytes } from './held-bytes.js';

const START_BYTES = 32;
const HEADER_BYTES_MAX = 1 << 20;
/** The method 7zAES, as headers name it. */
const AES = Buffer.from('06f10701', 'hex');

/**
 * Whether the header at the end of a 7z archive names encryption: of itself, or of the files. Where the header is packed (as
 * programs pack those of several files) and not encrypted, what it says of the files is not seen.
 */
export function isEncryptedSevenZip(bytes: HeldBytes): boolean {
  const start = bytes.slice(0, START_BYTES);
  if (start.length < START_BYTES) return false;
  const offset = Number(start.readBigUInt64LE(12));
  const size = Math.min(Number(start.readBigUInt64LE(20)), HEADER_BYTES_MAX);
  return bytes.slice(START_BYTES + offset, START_BYTES + offset + size).includes(AES);
}
