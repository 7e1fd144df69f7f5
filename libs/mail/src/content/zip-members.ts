import { fromRandomAccessReader, getFileNameLowLevel, RandomAccessReader, type Entry, type ZipFile } from 'yauzl';
import type { HeldBytes } from './held-bytes.js';
import type { ReadableMember } from './member.js';

const [STORED, DEFLATE] = [0, 8];

/** Why an archive could not be read on: its list is encrypted, or it is damaged or no zip. */
export class ZipUnreadable extends Error {
  constructor(readonly isEncrypted: boolean) {
    super('zip unreadable');
  }
}

/**
 * The files of a zip archive by its central directory (APPNOTE 4.3.12, Zip64 included), folders left out. A member whose
 * header in front of its data says another name comes under both. Throws {@link ZipUnreadable}.
 */
export async function* zipMembers(bytes: HeldBytes): AsyncGenerator<ReadableMember> {
  try {
    const zip = await open(bytes);
    let end = 0;
    for await (const entry of entriesOf(zip)) {
      const name = getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, false);
      const local = await localHeader(zip, entry);
      const data = { bytes, start: local.start, end: local.start + entry.compressedSize, method: methodOf(entry) };
      const isEncrypted = entry.isEncrypted() || local.isEncrypted;
      if (!isFolder(name)) yield { name, isEncrypted, ...data };
      if (!local.name.equals(entry.fileNameRaw) && !isFolder(local.name.toString('utf8'))) {
        yield { name: local.name.toString('utf8'), isEncrypted, ...data };
      }
      end = Number(zip.readEntryCursor);
    }
    // More than the archive says that there are: some programs show them.
    if (bytes.slice(end, end + 4).toString('latin1') === 'PK\x01\x02') throw new Error('more members than said');
  } catch (error) {
    throw new ZipUnreadable(error instanceof Error && /strong encryption/.test(error.message));
  }
}

/** Reads from what is held. */
class HeldReader extends RandomAccessReader {
  constructor(private readonly bytes: HeldBytes) {
    super();
  }

  override read(
    target: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    const found = this.bytes.slice(position, position + length);
    found.copy(target, offset);
    // In a turn of its own, or thousands of entries would stand on each other's stack.
    queueMicrotask(() => {
      callback(found.length < length ? new Error('unexpected EOF') : null);
    });
  }
}

async function open(bytes: HeldBytes): Promise<ZipFile> {
  const options = { lazyEntries: true, autoClose: false, decodeStrings: false, validateEntrySizes: false } as const;
  return await new Promise((resolve, reject) => {
    fromRandomAccessReader(new HeldReader(bytes), bytes.length, options, (error, zip) => {
      if (error === null) resolve(zip);
      else reject(error);
    });
  });
}

async function* entriesOf(zip: ZipFile): AsyncGenerator<Entry> {
  let settle: (step: () => Entry | undefined) => void = () => undefined;
  zip.on('entry', (entry: Entry) => {
    settle(() => entry);
  });
  zip.on('end', () => {
    settle(() => undefined);
  });
  zip.on('error', (error: Error) => {
    settle(() => {
      throw error;
    });
  });
  for (;;) {
    const step = new Promise<() => Entry | undefined>((resolve) => (settle = resolve));
    zip.readEntry();
    const entry = (await step)();
    if (entry === undefined) return;
    yield entry;
  }
}

interface LocalHeader {
  readonly start: number;
  readonly name: Buffer;
  readonly isEncrypted: boolean;
}

async function localHeader(zip: ZipFile, entry: Entry): Promise<LocalHeader> {
  const header = await zip.readLocalFileHeaderPromise(entry);
  return {
    start: header.fileDataStart,
    name: header.fileName,
    isEncrypted: (header.generalPurposeBitFlag & 1) !== 0,
  };
}

function methodOf({ compressionMethod }: Entry): ReadableMember['method'] {
  if (compressionMethod === STORED) return 'stored';
  return compressionMethod === DEFLATE ? 'deflate' : 'other';
}

function isFolder(name: string): boolean {
  return /[/\\]$/.test(name);
}
