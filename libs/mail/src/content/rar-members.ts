import type { HeldBytes } from './held-bytes.js';
import type { ListedMember } from './member.js';

const RAR5 = 'Rar!\x1a\x07\x01\x00';
const HEADER_BYTES_MAX = 1 << 20;
const [ENCRYPTION_5, FILE_5, END_5] = [4, 2, 5];
const [MAIN_4, FILE_4, END_4] = [0x73, 0x74, 0x7b];

/**
 * The files of a RAR archive by its headers (of version 5, and of 1.5 to 4): names and which are encrypted; what they hold
 * stays closed. Ends with `isEncrypted` alone where the headers are encrypted too, and at the first header that is none.
 */
export function* rarMembers(bytes: HeldBytes): Generator<ListedMember> {
  yield* bytes.slice(0, 8).toString('latin1') === RAR5 ? members5(bytes) : members4(bytes);
}

function* members5(bytes: HeldBytes): Generator<ListedMember> {
  for (let at = 8; at < bytes.length;) {
    const size = vint(bytes.slice(at + 4, at + 14), 0);
    const header = bytes.slice(at + 4 + size.length, at + 4 + size.length + Math.min(size.value, HEADER_BYTES_MAX));
    const read = new Numbers(header);
    const [type, flags] = [read.next(), read.next()];
    if (type === ENCRYPTION_5) {
      yield { name: '', isEncrypted: true };
      return;
    }
    if (type === END_5 || size.value === 0) return;
    const extraBytes = (flags & 1) === 0 ? 0 : read.next();
    const dataBytes = (flags & 2) === 0 ? 0 : read.next();
    if (type === FILE_5) {
      const fileFlags = read.next();
      read.next();
      read.next();
      read.at += ((fileFlags & 2) === 0 ? 0 : 4) + ((fileFlags & 4) === 0 ? 0 : 4);
      read.next();
      read.next();
      const nameBytes = read.next();
      const name = header.toString('utf8', read.at, read.at + nameBytes);
      const isFolder = (fileFlags & 1) !== 0;
      if (!isFolder) yield { name, isEncrypted: hasEncryption5(header.subarray(header.length - extraBytes)) };
    }
    at += 4 + size.length + size.value + dataBytes;
  }
}

/** Among the records behind a header one that says how the file is encrypted. */
function hasEncryption5(extra: Buffer): boolean {
  for (let at = 0; at < extra.length;) {
    const size = vint(extra, at);
    if (vint(extra, at + size.length).value === 1) return true;
    at += size.length + Math.max(1, size.value);
  }
  return false;
}

function* members4(bytes: HeldBytes): Generator<ListedMember> {
  for (let at = 7; at + 7 <= bytes.length;) {
    const header = bytes.slice(at, at + 7);
    const [type, flags, size] = [header.readUInt8(2), header.readUInt16LE(3), header.readUInt16LE(5)];
    if (type === MAIN_4 && (flags & 0x80) !== 0) {
      yield { name: '', isEncrypted: true };
      return;
    }
    if (type === END_4 || size < 7) return;
    const whole = bytes.slice(at, at + size);
    const hasData = type === FILE_4 || (flags & 0x8000) !== 0;
    let dataBytes = hasData && whole.length >= 11 ? whole.readUInt32LE(7) : 0;
    if (type === FILE_4 && whole.length >= 32) {
      const isLarge = (flags & 0x100) !== 0 && whole.length >= 40;
      if (isLarge) dataBytes += whole.readUInt32LE(32) * 2 ** 32;
      const start = isLarge ? 40 : 32;
      const name = whole.subarray(start, start + whole.readUInt16LE(26));
      const isFolder = (flags & 0xe0) === 0xe0;
      // Behind a zero stands the same name once more, packed.
      const end = name.indexOf(0);
      const text = name.subarray(0, end < 0 ? name.length : end).toString('utf8');
      if (!isFolder) yield { name: text, isEncrypted: (flags & 4) !== 0 };
    }
    at += size + dataBytes;
  }
}

/** Numbers of seven bits a byte, the lowest first. */
class Numbers {
  at = 0;

  constructor(private readonly bytes: Buffer) {}

  next(): number {
    const { value, length } = vint(this.bytes, this.at);
    this.at += length;
    return value;
  }
}

function vint(bytes: Buffer, at: number): { readonly value: number; readonly length: number } {
  let value = 0;
  for (let n = 0; n < 10; n += 1) {
    const byte = bytes[at + n] ?? 0;
    value += (byte & 0x7f) * 2 ** (7 * n);
    if (byte < 0x80) return { value, length: n + 1 };
  }
  return { value: Number.MAX_SAFE_INTEGER, length: 10 };
}
