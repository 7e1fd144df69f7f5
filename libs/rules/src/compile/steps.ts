/**
 * Work that can be left and taken up again: each step takes a millisecond or so, and between two of them whoever drives it
 * may do something else. Give it up at any time.
 */
export type Steps<T> = Generator<undefined, T, undefined>;

/** Does the work in one go. */
export function inOneGo<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}
