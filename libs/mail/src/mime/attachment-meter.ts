import type { FileContent } from '../content/file-content.js';
import type { ByteSink } from './byte-sink.js';
import type { ParseBudget } from './parse-budget.js';

/** Counts the decoded bytes of an attachment, and hands them on to what is wanted of its content and to a collector of text. */
export class AttachmentMeter implements ByteSink {
  sizeBytes = 0;

  constructor(
    private readonly budget: ParseBudget,
    private readonly text: ByteSink | undefined,
    private readonly content: FileContent,
    private readonly done: (sizeBytes: number) => void,
  ) {}

  get isHungry(): boolean {
    return this.text?.isHungry === true || this.content.isHungry;
  }

  push(bytes: Uint8Array): void {
    this.skip(bytes.length);
    if (this.content.isHungry) this.content.push(bytes);
    if (this.text?.isHungry === true) this.text.push(bytes);
  }

  skip(sizeBytes: number): void {
    this.sizeBytes += sizeBytes;
    this.budget.useDecoded(sizeBytes);
  }

  end(): void {
    this.text?.end();
    this.content.end();
    this.done(this.sizeBytes);
  }
}
