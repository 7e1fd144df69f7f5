import type { HeldBytes } from './held-bytes.js';

/** A file within an archive, as the archive lists it. */
export interface ListedMember {
  /** As the archive has it, with the folders that it lies in; '' where it says none. */
  readonly name: string;
  readonly isEncrypted: boolean;
}

/** One that can be read: where it lies in the archive, and how it is packed. */
export interface ReadableMember extends ListedMember {
  readonly bytes: HeldBytes;
  readonly start: number;
  readonly end: number;
  /** `other`: a method that nobody here undoes. */
  readonly method: 'stored' | 'deflate' | 'gzip' | 'other';
}

/** Longer names keep their end, where the extension is. */
const NAME_CHARS_MAX = 500;

/** The name of a file without its folders. */
export function baseName(name: string): string {
  const base = name
    .slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1)
    .replace(/[\x00-\x1f\x7f]+/g, ' ');
  // A copy, so that nothing of a long one is held.
  return base.length <= NAME_CHARS_MAX ? base.trim() : Buffer.from(base.slice(-NAME_CHARS_MAX)).toString('utf8').trim();
}
