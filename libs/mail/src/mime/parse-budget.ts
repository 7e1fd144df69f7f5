import { MailError } from '../errors.js';
import type { MailLimits } from '../parsed-mail.js';

export interface UsedBudget {
  readonly parts: number;
  readonly textChars: number;
  readonly attachedTextChars: number;
}

/** What one parse may still use. Each method throws the {@link MailError} of its limit. */
export class ParseBudget {
  #parts = 0;
  #textChars = 0;
  #attachedTextChars = 0;
  #decodedSizeBytes = 0;

  constructor(readonly limits: MailLimits) {}

  usePart(depth: number): void {
    if (depth > this.limits.depthMax) throw new MailError('ERR_MAIL_TOO_DEEP', { limit: 'depthMax' });
    this.#parts += 1;
    if (this.#parts > this.limits.partsMax) throw new MailError('ERR_MAIL_TOO_MANY_PARTS', { limit: 'partsMax' });
  }

  /** What has been used so far, but for decoded bytes: those are work that was done. */
  get used(): UsedBudget {
    return { parts: this.#parts, textChars: this.#textChars, attachedTextChars: this.#attachedTextChars };
  }

  /** Gives back what has been used since. */
  goBackTo({ parts, textChars, attachedTextChars }: UsedBudget): void {
    this.#parts = parts;
    this.#textChars = textChars;
    this.#attachedTextChars = attachedTextChars;
  }

  /** Uses so many characters of attached text, or tells that they are over the limit. A negative number gives back. */
  tryAttachedText(characters: number): boolean {
    if (this.#attachedTextChars + characters > this.limits.attachedTextCharsMax) return false;
    this.#attachedTextChars += characters;
    return true;
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
