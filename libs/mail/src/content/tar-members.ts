import { isTarHeader } from './container-kind.js';
import type { HeldBytes } from './held-bytes.js';
import type { ReadableMember } from './member.js';

const BLOCK_BYTES = 512;
const NAME_BYTES_MAX = 64 * 1024;

/** What a walk over a tar archive ends with: `false` where it was cut off, or something in it is no header. */
export type IsWhole = boolean;

/** The files of a tar archive (POSIX.1: ustar, pax; GNU's long names), in order. A header that is none ends it. */
export function* tarMembers(bytes: HeldBytes): Generator<ReadableMember, IsWhole> {
  let longName: string | undefined;
  for (let at = 0; at < bytes.length;) {
    const header = bytes.slice(at, at + BLOCK_BYTES);
    if (header.every((byte) => byte === 0)) return true;
    if (!isTarHeader(header)) return false;
    const type = String.fromCharCode(header[156] ?? 0);
    const size = numberAt(header, 124, 12);
    const start = at + BLOCK_BYTES;
    if (size === undefined || start + size > bytes.length) return false;
    at = start + Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES;
    const text = (): string => bytes.slice(start, start + Math.min(size, NAME_BYTES_MAX)).toString('utf8');
    if (type === 'L') longName = text().replace(/\0.*$/s, '');
    else if (type === 'x') longName = /(?:^|\n)\d+ path=([^\n]*)\n/.exec(text())?.[1] ?? longName;
    else {
      if (/[\x000-27S]/.test(type)) {
        const name = longName ?? nameOf(header);
        yield { name, isEncrypted: false, bytes, start, end: start + size, method: 'stored' };
      }
      longName = undefined;
    }
  }
  return true;
}

function nameOf(header: Buffer): string {
  const name = textAt(header, 0, 100);
  const prefix = header.toString('latin1', 257, 262) === 'ustar' ? textAt(header, 345, 155) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

function textAt(header: Buffer, at: number, length: number): string {
  return header.toString('utf8', at, at + length).replace(/\0.*$/s, '');
}

/** Octal digits, or with the highest bit set a number of GNU's. */
function numberAt(header: Buffer, at: number, length: number): number | undefined {
  if (((header[at] ?? 0) & 0x80) !== 0) {
    const low = header.readUIntBE(at + length - 6, 6);
    return header.subarray(at + 1, at + length - 6).every((byte) => byte === 0) ? low : undefined;
  }
  const digits = /^[ \0]*([0-7]*)[ \0]*$/.exec(header.toString('latin1', at, at + length))?.[1];
  return digits === undefined ? undefined : Number.parseInt(digits === '' ? '0' : digits, 8);
}
