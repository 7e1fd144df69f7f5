/** What was found in one attachment and in the files within it. */
export interface Findings {
  isExecutable: boolean;
  isPasswordProtected: boolean;
  /** Something in it could not be looked into: it is encrypted, damaged, an archive that nobody here opens, of no known type. */
  isUnscannable: boolean;
  /** Not all of it was looked into, because of a limit. */
  limitExceeded: boolean;
  /** Names of files within archives, without their folders. */
  readonly memberNames: string[];
  /** Media types that the content of such files tells. */
  readonly memberTypes: Set<string>;
  /** SHA-256 in hex: the attachment's own first, then of the files in it that were read. */
  readonly hashes: string[];
}

export function noFindings(): Findings {
  return {
    isExecutable: false,
    isPasswordProtected: false,
    isUnscannable: false,
    limitExceeded: false,
    memberNames: [],
    memberTypes: new Set(),
    hashes: [],
  };
}
