import { createHash, type Hash } from 'node:crypto';
import { containerKind, KIND_BYTES, type ContainerKind } from './container-kind.js';
import { HeldBytes } from './held-bytes.js';
import type { LookBudget } from './look-budget.js';

/** What is wanted of the content of files, besides their first bytes. */
export interface ContentWants {
  /** What lies in archives, what is encrypted. */
  readonly contents: boolean;
  readonly hashes: boolean;
}

/** So much is enough for magic bytes. */
export const SAMPLE_BYTES = 4_100;

/**
 * The bytes of one file as they come: the first ones; its hash, if wanted; and all of them where it is one to be looked into,
 * for as long as the budget has room.
 */
export class FileContent {
  /** Known after `end`, as is `sha256`. */
  kind: ContainerKind | undefined;
  sha256: string | undefined;
  /** It was to be held, and was not, or not all of it, because of a limit. */
  isCut = false;
  #sample: Buffer | undefined;
  #sampleSize = 0;
  readonly #hash: Hash | undefined;
  #held: HeldBytes | undefined;
  /** Taken from the budget. */
  #heldSizeBytes = 0;
  #isDecided = false;

  constructor(
    private readonly names: readonly string[],
    private readonly budget: LookBudget,
    wants: ContentWants,
  ) {
    this.#hash = wants.hashes ? createHash('sha256') : undefined;
    this.#held = wants.contents ? new HeldBytes() : undefined;
  }

  /** The first bytes. */
  get sample(): Buffer {
    return this.#sample?.subarray(0, this.#sampleSize) ?? Buffer.alloc(0);
  }

  /** What is held of it; `undefined` where it is none to be looked into. */
  get held(): HeldBytes | undefined {
    return this.#held;
  }

  /** `false` once nobody needs its bytes any more. */
  get isHungry(): boolean {
    return this.#hash !== undefined || this.#held !== undefined || this.#sampleSize < SAMPLE_BYTES;
  }

  push(bytes: Uint8Array): void {
    this.#hash?.update(bytes);
    if (this.#sampleSize < SAMPLE_BYTES) this.#keep(bytes);
    if (!this.#isDecided && this.#sampleSize >= KIND_BYTES) this.#decide();
    if (this.#held === undefined) return;
    if (!this.budget.tryHold(bytes.length)) {
      this.isCut = true;
      this.release();
      return;
    }
    this.#heldSizeBytes += bytes.length;
    this.#held.push(bytes);
  }

  end(): void {
    this.#decide();
    this.sha256 = this.#hash?.digest('hex');
  }

  /** Lets go of what is held. */
  release(): void {
    this.budget.release(this.#heldSizeBytes);
    this.#heldSizeBytes = 0;
    this.#held = undefined;
  }

  #keep(bytes: Uint8Array): void {
    const part = bytes.subarray(0, SAMPLE_BYTES - this.#sampleSize);
    this.#sample ??= Buffer.allocUnsafeSlow(SAMPLE_BYTES);
    this.#sample.set(part, this.#sampleSize);
    this.#sampleSize += part.length;
  }

  #decide(): void {
    if (this.#isDecided) return;
    this.#isDecided = true;
    this.kind = containerKind(this.sample, this.names);
    if (this.kind !== undefined && this.kind !== 'closed') return;
    this.isCut = false;
    this.release();
  }
}
