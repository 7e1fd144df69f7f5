import type { BlobRef } from '#lib/flow';
import { AdapterError } from '../errors.js';

const REF = /^([sf]-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}):(0|[1-9]\d{0,14}):([1-9]\d{0,14})$/;
const NAME = /^([sf]-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.blob$/;

/** Where a blob lies: a file of the folder, and which of its bytes. */
export interface BlobPlace {
  /** `s-` and an id: a segment, shared by small blobs; `f-` and an id: the file of one large blob. */
  readonly segment: string;
  readonly offset: number;
  readonly length: number;
}

/** The place as the text that the record keeps: `segment:offset:length`. */
export function formatRef({ segment, offset, length }: BlobPlace): BlobRef {
  return `${segment}:${offset}:${length}`;
}

/** The place of a reference; nothing else than a name of ours ever becomes a path. Error: `ERR_BLOB_MISSING`. */
export function parseRef(ref: BlobRef): BlobPlace {
  const [, segment, offset, length] = REF.exec(ref) ?? [];
  if (segment === undefined) throw new AdapterError('ERR_BLOB_MISSING', { detail: { reason: 'reference' } });
  return { segment, offset: Number(offset), length: Number(length) };
}

/** The segment that a reference points into; `undefined` if it is not a reference. */
export function segmentOf(ref: BlobRef): string | undefined {
  return REF.exec(ref)?.[1];
}

/** Whether the blob has its file for itself. */
export function isOwnFile(segment: string): boolean {
  return segment.startsWith('f-');
}

export function fileNameOf(segment: string): string {
  return `${segment}.blob`;
}

/** The segment of a file name of the folder; `undefined` for other files. */
export function segmentOfFile(fileName: string): string | undefined {
  return NAME.exec(fileName)?.[1];
}
