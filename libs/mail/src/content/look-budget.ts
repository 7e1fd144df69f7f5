import type { MailLimits } from '../parsed-mail.js';

/** What looking into the attachments of one message may still use. Each method says whether it may; what may not is not done. */
export class LookBudget {
  #heldSizeBytes = 0;
  #inflatedSizeBytes = 0;
  #members = 0;

  constructor(readonly limits: MailLimits) {}

  /** Holds so many bytes more, of attachments and of archives within them. */
  tryHold(sizeBytes: number): boolean {
    if (this.#heldSizeBytes + sizeBytes > this.limits.heldSizeBytesMax) return false;
    this.#heldSizeBytes += sizeBytes;
    return true;
  }

  release(sizeBytes: number): void {
    this.#heldSizeBytes -= sizeBytes;
  }

  /** What may still come out of compressed members. */
  get inflatableSizeBytes(): number {
    return this.limits.inflatedSizeBytesMax - this.#inflatedSizeBytes;
  }

  tryInflate(sizeBytes: number): boolean {
    this.#inflatedSizeBytes += sizeBytes;
    return this.#inflatedSizeBytes <= this.limits.inflatedSizeBytesMax;
  }

  /** One more file within an archive. */
  tryMember(): boolean {
    this.#members += 1;
    return this.#members <= this.limits.membersMax;
  }
}
