import { isAscii, isUtf8 } from 'node:buffer';
import { HtmlText, type LinkReceiver } from '../html/html-text.js';
import type { ByteSink } from './byte-sink.js';
import type { MailErrorCode } from '../errors.js';
import {
  charsetDecoder,
  isPlainIn,
  isUnknownCharset,
  knownCharset,
  markedCharset,
  UTF_16,
  type CharsetDecoder,
} from './charset.js';
import type { ParseBudget } from './parse-budget.js';

/** So much of a part is looked at before its charset is decided, where it says none. */
const SNIFF_BYTES = 256 * 1024;
const META_BYTES = 1024;

export interface TextOptions {
  readonly kind: 'plain' | 'html';
  /** As the part says it. */
  readonly charset: string | undefined;
  /** RFC 3676: a space before a soft line break is no text. */
  readonly isDelSp: boolean;
  /**
   * What happens where it goes over the limit: text of the `message` is an error; what is `shown` beside it is left out,
   * and that is said; so is a `file`, which is an attachment all the same.
   */
  readonly place: 'message' | 'shown' | 'file';
}

export interface TextReceiver {
  /** The whole text of a part; may be ''. */
  text(text: string): void;
  /** What was given may not be what the part says to its reader. */
  missed(code: MailErrorCode): void;
  /** Told of attributes of HTML that may hold links, if it wants to be. */
  readonly link?: LinkReceiver | undefined;
}

/**
 * The text of one part: decodes the charset, of HTML takes the text. Counts characters as they come, so that a text over
 * the limit ends the parse before it is held. Small parts are decoded in one piece.
 */
export class TextCollector implements ByteSink {
  isHungry = true;
  #held: Uint8Array[] = [];
  #heldSize = 0;
  #decoder: CharsetDecoder | undefined;
  readonly #html: HtmlText | undefined;
  readonly #pieces: string[] = [];
  #chars = 0;
  /** In a charset that nobody knows, and so far nothing but US-ASCII. */
  #isDoubtful: boolean;

  constructor(
    private readonly options: TextOptions,
    private readonly budget: ParseBudget,
    private readonly receiver: TextReceiver,
  ) {
    this.#html = options.kind === 'html' ? new HtmlText({ link: receiver.link }) : undefined;
    this.#isDoubtful = isUnknownCharset(options.charset);
  }

  push(bytes: Uint8Array): void {
    this.budget.useDecoded(bytes.length);
    if (this.#isDoubtful && !isPlainIn(this.options.charset, bytes)) {
      this.#isDoubtful = false;
      this.receiver.missed('ERR_CHARSET_UNKNOWN');
    }
    if (this.#decoder !== undefined) {
      this.#take(this.#decoder.decode(bytes));
      return;
    }
    this.#held.push(bytes);
    this.#heldSize += bytes.length;
    if (this.#heldSize >= SNIFF_BYTES) this.#decide(false);
  }

  skip(): void {
    // Of a file that was too large.
  }

  end(): void {
    if (this.#decoder === undefined) this.#decide(true);
    this.#take(this.#decoder?.end() ?? '');
    if (this.#html !== undefined) this.#add(this.#html.end());
    if (!this.isHungry) return;
    let text = this.#pieces.length === 1 ? (this.#pieces[0] ?? '') : this.#pieces.join('');
    if (text.includes('\r\n')) text = text.replaceAll('\r\n', '\n');
    if (this.options.isDelSp) text = text.replaceAll(' \n', '');
    this.receiver.text(text);
  }

  /** The text was none after all (the preamble of a multipart), or is left out: its characters are given back. */
  discard(): void {
    if (this.options.place === 'message') this.budget.useText(-this.#chars);
    else this.budget.tryAttachedText(-this.#chars);
  }

  #decide(isWhole: boolean): void {
    const bytes = this.#held.length === 1 ? asBuffer(this.#held[0]) : Buffer.concat(this.#held);
    this.#held = [];
    // The choice depends on the first bytes only, however they were cut into chunks.
    const sample = bytes.subarray(0, SNIFF_BYTES);
    if (hasRivalOrder(sample, this.options.charset)) this.receiver.missed('ERR_CHARSET_UNKNOWN');
    const decoder = chooseDecoder(sample, isWhole && bytes.length < SNIFF_BYTES, this.options);
    this.#decoder = decoder;
    this.#take(decoder.decode(bytes));
  }

  #take(decoded: string): void {
    if (decoded === '') return;
    const text = decoded.includes('\0') ? decoded.replaceAll('\0', '') : decoded;
    this.#add(this.#html === undefined ? text : this.#html.push(text));
  }

  #add(text: string): void {
    if (text === '' || !this.isHungry) return;
    const { place } = this.options;
    if (place === 'message') this.budget.useText(text.length);
    else if (!this.budget.tryAttachedText(text.length)) {
      this.isHungry = false;
      this.discard();
      this.#pieces.length = 0;
      if (place === 'shown') this.receiver.missed('ERR_MAIL_TEXT_TOO_LARGE');
      return;
    }
    this.#chars += text.length;
    this.#pieces.push(text);
  }
}

function asBuffer(bytes: Uint8Array | undefined): Buffer {
  return bytes === undefined ? Buffer.alloc(0) : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const ASCII_DECODER: CharsetDecoder = { decode: (bytes) => asBuffer(bytes).toString('latin1'), end: () => '' };

function chooseDecoder(sample: Buffer, isWhole: boolean, options: TextOptions): CharsetDecoder {
  const declared = knownCharset(options.charset);
  // Most text: no byte that needs a charset, and a charset that begins with US-ASCII.
  if (
    isWhole &&
    (declared === undefined || /^(?:utf-8|windows-125\d|iso-8859-\d+)$/.test(declared)) &&
    isAscii(sample)
  ) {
    return ASCII_DECODER;
  }
  const isOpen = declared === undefined || declared === UTF_16;
  if (!isOpen) return charsetDecoder(declared);
  const mark = markedCharset(sample) ?? (options.kind === 'html' ? metaCharset(sample) : undefined);
  if (mark !== undefined) return charsetDecoder(mark);
  return charsetDecoder(isUtf8(isWhole ? sample : wholeCharacters(sample)) ? 'utf-8' : 'windows-1252');
}

/** UTF-16 whose order of bytes nothing tells, or a mark that says another charset: programs differ in what they read. */
function hasRivalOrder(sample: Buffer, charset: string | undefined): boolean {
  const declared = knownCharset(charset);
  const mark = markedCharset(sample);
  if (declared === UTF_16) return mark === undefined && sample.length > 0;
  return declared !== undefined && mark !== undefined && mark !== declared;
}

function metaCharset(sample: Buffer): string | undefined {
  const meta = /<meta\s[^>]{0,200}?charset\s*=\s*["']?([\w.:-]{1,40})/i.exec(sample.toString('latin1', 0, META_BYTES));
  const known = knownCharset(meta?.[1]);
  // The bytes were read as US-ASCII to find it, so they are not UTF-16.
  return known?.startsWith('utf-16') === true ? undefined : known;
}

/** Without the beginning of a UTF-8 character that is not whole at the end. */
function wholeCharacters(sample: Buffer): Buffer {
  let end = sample.length;
  while (end > 0 && sample.length - end < 3 && ((sample[end - 1] ?? 0) & 0xc0) === 0x80) end -= 1;
  return sample.subarray(0, ((sample[end - 1] ?? 0) & 0xc0) === 0xc0 ? end - 1 : sample.length);
}
