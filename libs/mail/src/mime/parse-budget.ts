import { MailError } from '../errors.js';
import type { MailLimits } from '../parsed-mail.js';

export interface UsedBudget {
  readonly parts: number;
  readonly textChars: number;
}

/** What one parse may still use. Each method throws the {@link MailError} of its limit. */
export class ParseBudget {
  #parts = 0;
  #textChars = 0;
  #decodedSizeBytes = 0;

  constructor(readonly limits: MailLimits) {}

  usePart(depth: number): void {
    if (depth > this.limits.depthMax) throw new MailError('ERR_MAIL_TOO_DEEP', { limit: 'depthMax' });
    this.#parts += 1;
    if (this.#parts > this.limits.partsMax) throw new MailError('ERR_MAIL_TOO_MANY_PARTS', { limit: 'partsMax' });
  }

  /** What has been used so far, but for decoded bytes: those are work that was done. */
  get used(): UsedBudget {
    return { parts: this.#parts, textChars: this.#textChars };
  }

  /** Gives back what has been used since. */
  goBackTo({ parts, textChars }: UsedBudget): void {
    this.#parts = parts;
    this.#textChars = textChars;
  }

  /** Whether so many characters more are within the limit. */
  hasText(characters: number): boolean {
    return this.#textChars + characters <= this.limits.textCharsMax;
  }

  /** A negative number gives back. */
  useText(characters: number): void {
    this.#textChars += characters;
    if (this.#textChars > this.limits.textCharsMax) {
      throw new MailError('ERR_MAIL_TEXT_TOO_LARGE', { limit: 'textCharsMax' });
    }
  }

  useDecoded(sizeBytes: number): void {
    this.#decodedSizeBytes += sizeBytes;
    if (this.#decodedSizeBytes > this.limits.decodedSizeBytesMax) {
      throw new MailError('ERR_MAIL_DECODED_TOO_LARGE', { limit: 'decodedSizeBytesMax' });
    }
  }

  useHeader(sizeBytes: number): void {
    if (sizeBytes > this.limits.headerSizeBytesMax) {
      throw new MailError('ERR_MAIL_HEADER_TOO_LARGE', { limit: 'headerSizeBytesMax' });
    }
  }
}
