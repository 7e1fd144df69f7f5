/** One thing that must work; `detail` says what is wrong, in words or as an error code. */
export interface Check {
  readonly ok: boolean;
  readonly detail: string;
  /** It counts as ready, and yet mail waits for it. */
  readonly failing?: true;
}
