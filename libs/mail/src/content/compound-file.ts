import type { HeldBytes } from './held-bytes.js';

/** MS-CFB: entries of the directory. */
const ENTRY_BYTES = 128;
const STREAM = 2;
/** Streams shorter than this lie elsewhere; those that are looked at never are. */
const MINI_BYTES = 4_096;
const RECORDS_MAX = 50;

/**
 * Whether a compound file (MS-CFB) of Office is encrypted: it holds an encrypted package of newer Office (MS-OFFCRYPTO
 * 2.3.4), or a document of Word (MS-DOC 2.5.1), Excel (MS-XLS 2.4.117) or PowerPoint (MS-PPT 2.1.4) that says so. Directory
 * entries are looked for where they can stand, so that a file whose chains are broken hides none.
 */
export function isEncryptedCompound(bytes: HeldBytes): boolean {
  const shift = bytes.slice(30, 32).length < 2 ? 9 : bytes.slice(30, 32).readUInt16LE(0);
  const sectorBytes = shift === 12 ? 4_096 : 512;
  for (let at = 512; at + ENTRY_BYTES <= bytes.length; at += ENTRY_BYTES) {
    const entry = bytes.slice(at, at + ENTRY_BYTES);
    if (entry[66] !== STREAM || entry[1] !== 0) continue;
    const nameBytes = entry.readUInt16LE(64);
    if (nameBytes < 10 || nameBytes > 64) continue;
    // Names compare without case (MS-CFB 2.6.4).
    const name = entry.toString('utf16le', 0, nameBytes - 2).toLowerCase();
    if (name === 'encryptedpackage' || name === 'encryptedsummary') return true;
    if (!/^(?:worddocument|workbook|book)$/.test(name) || entry.readUInt32LE(120) < MINI_BYTES) continue;
    const start = (entry.readUInt32LE(116) + 1) * sectorBytes;
    const stream = bytes.slice(start, start + 512);
    if (name === 'worddocument' ? isEncryptedWord(stream) : isEncryptedExcel(stream)) return true;
  }
  return false;
}

function isEncryptedWord(stream: Buffer): boolean {
  return stream.length >= 12 && stream.readUInt16LE(0) === 0xa5ec && (stream.readUInt16LE(10) & 0x0100) !== 0;
}

/** The record FILEPASS stands behind the first one, if any stands there. */
function isEncryptedExcel(stream: Buffer): boolean {
  let at = 0;
  for (let n = 0; n < RECORDS_MAX && at + 4 <= stream.length; n += 1) {
    if (stream.readUInt16LE(at) === 0x002f) return true;
    at += 4 + stream.readUInt16LE(at + 2);
  }
  return false;
}
