/** A file in which others lie, or that may be encrypted: looked into for that. `closed`: an archive that nobody here can open. */
export type ContainerKind = 'zip' | 'gzip' | 'tar' | 'rar' | '7z' | 'compound' | 'pdf' | 'closed';

/** So many first bytes tell the kind. */
export const KIND_BYTES = 1_100;

const MAGIC: readonly (readonly [ContainerKind, string])[] = [
  ['zip', 'PK\x03\x04'],
  ['zip', 'PK\x05\x06'],
  ['zip', 'PK\x07\x08PK'],
  ['gzip', '\x1f\x8b'],
  ['rar', 'Rar!\x1a\x07'],
  ['7z', '7z\xbc\xaf\x27\x1c'],
  ['compound', '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'],
  ['closed', '-----BEGIN PGP MESSAGE-----'],
  ['closed', 'BZh'],
  ['closed', '\xfd7zXZ\x00'],
  ['closed', '\x28\xb5\x2f\xfd'],
  ['closed', '\x04\x22\x4d\x18'],
  ['closed', '\x1f\x9d'],
  ['closed', '\x1f\xa0'],
  ['closed', 'LZIP'],
  ['closed', 'MSCF'],
  ['closed', '\x60\xea'],
  ['closed', 'ITSF'],
  ['closed', '!<arch>\n'],
  ['closed', '070701'],
  ['closed', '070707'],
  ['closed', '\x78\x9f\x3e\x22'],
  ['closed', 'WIM\x00'],
  ['closed', 'xar!'],
];
/** Programs open these as zip even where something stands before it. */
const ZIP_NAME =
  /\.(?:zip|zipx|jar|apk|docx|docm|dotx|dotm|xlsx|xlsm|xlsb|xltx|xltm|pptx|pptm|ppsx|potx|odt|ods|odp)$/i;
/** A reader of PDF looks for the beginning in the first 1,024 bytes. */
const PDF_START = /%PDF-\d/;

/** The kind of a file by its first bytes, in part by its names; `undefined` for one that holds nothing to be looked into. */
export function containerKind(start: Buffer, names: readonly string[]): ContainerKind | undefined {
  const text = start.toString('latin1', 0, KIND_BYTES);
  const found = MAGIC.find(([, magic]) => text.startsWith(magic))?.[0];
  if (found !== undefined) return found;
  if (PDF_START.test(text.slice(0, 1_024 + 8))) return 'pdf';
  if (text.slice(2, 5) === '-lh' && text.charAt(6) === '-') return 'closed';
  if (isTarHeader(start)) return 'tar';
  return names.some((name) => ZIP_NAME.test(name)) ? 'zip' : undefined;
}

/** Whether a block of 512 bytes is a header of tar: its checksum is that of its bytes (POSIX.1 ustar). */
export function isTarHeader(block: Buffer): boolean {
  if (block.length < 512 || block[0] === 0) return false;
  const written = /^[ 0]*([0-7]{1,6})[ \0]/.exec(block.toString('latin1', 148, 156))?.[1];
  if (written === undefined) return false;
  let sum = 0;
  for (let at = 0; at < 512; at += 1) sum += at >= 148 && at < 156 ? 0x20 : (block[at] ?? 0);
  return sum === Number.parseInt(written, 8);
}
