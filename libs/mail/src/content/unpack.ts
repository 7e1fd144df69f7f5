import { Readable } from 'node:stream';
import { constants, createGunzip, createInflateRaw, inflateRawSync } from 'node:zlib';
import { SAMPLE_BYTES, type FileContent } from './file-content.js';
import type { LookBudget } from './look-budget.js';
import type { ReadableMember } from './member.js';

/** Packed bytes that are undone for a sample; at most a thousand times as many come out. */
const [FIRST_BYTES, MORE_BYTES] = [512, 8_192];
const PIECE_BYTES = 64 * 1024;
/** A member of no more is unpacked at once, if no more comes out of it. */
const [SMALL_BYTES, SMALL_OUTPUT_BYTES] = [64 * 1024, 1 << 20];

/** The first bytes of a member that is stored or deflated, none where they cannot be read. */
export function sampleOf(member: ReadableMember, budget: LookBudget): Buffer {
  const { bytes, start, end, method } = member;
  if (method === 'stored') return bytes.slice(start, Math.min(end, start + SAMPLE_BYTES));
  let sample: Buffer = Buffer.alloc(0);
  for (const size of [FIRST_BYTES, MORE_BYTES]) {
    const unpacked = unpackSmall(member, size);
    if (unpacked === undefined) break;
    budget.tryInflate(unpacked.length);
    sample = unpacked.subarray(0, SAMPLE_BYTES);
    if (sample.length >= SAMPLE_BYTES || end - start <= size) break;
  }
  return sample;
}

/** What comes out of the first `sizeBytes` packed bytes of a member; `undefined` where nothing does. */
export function unpackSmall({ bytes, start, end, method }: ReadableMember, sizeBytes: number): Buffer | undefined {
  const packed = bytes.slice(start, Math.min(end, start + sizeBytes));
  if (method === 'stored') return packed;
  try {
    return inflateRawSync(packed, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return undefined;
  }
}

/** `whole`, or why a member was not read to its end: it is damaged, or the budget is used up. */
export type Unpacked = 'whole' | 'damaged' | 'limit';

/** Gives all of a member to `content`, in pieces. Sizes that an archive says are not believed. */
export async function unpackInto(content: FileContent, member: ReadableMember, budget: LookBudget): Promise<Unpacked> {
  if (member.method === 'stored') {
    for (const piece of piecesOf(member)) content.push(piece);
    return 'whole';
  }
  const small = member.method === 'deflate' ? unpackedAtOnce(member) : undefined;
  if (small !== undefined) {
    if (!budget.tryInflate(small.length)) return 'limit';
    content.push(small);
    return 'whole';
  }
  const inflate = member.method === 'gzip' ? createGunzip() : createInflateRaw();
  const source = Readable.from(piecesOf(member));
  try {
    for await (const chunk of source.pipe(inflate) as AsyncIterable<Buffer>) {
      if (!budget.tryInflate(chunk.length)) return 'limit';
      content.push(chunk);
      if (!content.isHungry) break;
    }
    return 'whole';
  } catch {
    return 'damaged';
  } finally {
    source.destroy();
    inflate.destroy();
  }
}

/** All of a small member, where that is quicker than a stream; `undefined` where it is large, or cannot be read. */
function unpackedAtOnce({ bytes, start, end }: ReadableMember): Buffer | undefined {
  if (end - start > SMALL_BYTES) return undefined;
  try {
    return inflateRawSync(bytes.slice(start, end), { maxOutputLength: SMALL_OUTPUT_BYTES });
  } catch {
    return undefined;
  }
}

function* piecesOf({ bytes, start, end }: ReadableMember): Generator<Buffer> {
  for (let at = start; at < end; at += PIECE_BYTES) yield bytes.slice(at, Math.min(end, at + PIECE_BYTES));
}
