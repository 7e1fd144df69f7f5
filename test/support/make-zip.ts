import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipEntry {
  readonly name: string;
  readonly content?: Uint8Array | string;
  /** What the header in front of the data says, where it says another name. */
  readonly localName?: string;
  readonly isEncrypted?: boolean;
  /** Compression method that is said; the content is deflated for 8, else stored. */
  readonly method?: number;
  /** The size that is said, whatever it is. */
  readonly sizeBytes?: number;
}

/** A zip archive (APPNOTE 4.3), in part as no program writes it; `count`: how many entries its end says. */
export function makeZip(entries: readonly ZipEntry[], count = entries.length): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content = '', localName = name, isEncrypted = false, method = 8, sizeBytes } of entries) {
    const plain = Buffer.from(content);
    const packed = method === 8 ? deflateRawSync(plain) : plain;
    const common = Buffer.alloc(22);
    common.writeUInt16LE(isEncrypted ? 1 : 0, 2);
    common.writeUInt16LE(method, 4);
    common.writeUInt32LE(crc32(plain), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(sizeBytes ?? plain.length, 18);
    const lengths = (text: string): Buffer =>
      Buffer.from([Buffer.byteLength(text) & 255, Buffer.byteLength(text) >> 8, 0, 0]);
    const local = [Buffer.from('PK\x03\x04'), common, lengths(localName), Buffer.from(localName), packed];
    const start = Buffer.alloc(14);
    start.writeUInt32LE(offset, 10);
    directory.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, lengths(name), start, Buffer.from(name));
    for (const piece of local) offset += piece.length;
    bodies.push(...local);
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(count & 0xffff, 4);
  end.writeUInt16LE(count & 0xffff, 6);
  end.writeUInt32LE(list.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...bodies, list, Buffer.from('PK\x05\x06'), end]);
}

/** A tar archive (POSIX ustar) of files. */
export function makeTar(files: Readonly<Record<string, string>>): Buffer {
  const blocks = Object.entries(files).flatMap(([name, text]) => {
    const content = Buffer.from(text);
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write('0000644\0', 100);
    header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write('        0', 148);
    header.write('ustar\x0000', 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return [header, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1_024)]);
}
