import type { ByteSink } from './byte-sink.js';
import type { ParseBudget } from './parse-budget.js';

/** So much is enough for magic bytes. */
const SAMPLE_BYTES = 4_100;

/** Counts the decoded bytes of an attachment and keeps only its first ones; hands on to a collector of text if there is one. */
export class AttachmentMeter implements ByteSink {
  sizeBytes = 0;
  #sample: Buffer | undefined;
  #sampleSize = 0;

  constructor(
    private readonly budget: ParseBudget,
    private readonly text: ByteSink | undefined,
    private readonly done: (sample: Uint8Array, sizeBytes: number) => void,
  ) {}

  get isHungry(): boolean {
    return this.text?.isHungry === true || this.#sampleSize < SAMPLE_BYTES;
  }

  push(bytes: Uint8Array): void {
    this.skip(bytes.length);
    if (this.#sampleSize < SAMPLE_BYTES) this.#keep(bytes);
    if (this.text?.isHungry === true) this.text.push(bytes);
  }

  skip(sizeBytes: number): void {
    this.sizeBytes += sizeBytes;
    this.budget.useDecoded(sizeBytes);
  }

  end(): void {
    this.text?.end();
    this.done(this.#sample?.subarray(0, this.#sampleSize) ?? new Uint8Array(), this.sizeBytes);
  }

  #keep(bytes: Uint8Array): void {
    const part = bytes.subarray(0, SAMPLE_BYTES - this.#sampleSize);
    if (this.#sample === undefined) this.#sample = Buffer.allocUnsafeSlow(SAMPLE_BYTES);
    this.#sample.set(part, this.#sampleSize);
    this.#sampleSize += part.length;
  }
}
