import { Tokenizer } from 'htmlparser2';
import { ADDRESS_ATTRIBUTES, TEXT_ATTRIBUTES } from '../links/link-attributes.js';
import { HeldChunks } from './held-chunks.js';

/** Elements that stand on lines of their own, or in cells of their own: the words around them do not touch. */
const BLOCKS = new Set(
  (
    'address article aside blockquote body br caption center dd details dialog dir div dl dt fieldset figcaption figure ' +
    'footer form h1 h2 h3 h4 h5 h6 head header hr html legend li main menu nav ol optgroup option p pre section select ' +
    'summary table tbody td template textarea tfoot th thead title tr ul video audio iframe object button input img svg'
  ).split(' '),
);
/** Elements whose content is not text to anybody. */
const SILENT = new Set(['script', 'style']);
/** Elements whose content is no markup (WHATWG HTML 13.2.6.2, 13.2.6.4.4, 13.2.6.4.7). */
const RAW = new Set(['script', 'style', 'title', 'textarea', 'xmp', 'iframe', 'noembed', 'noframes', 'plaintext']);
/** Elements in which all of that is markup like any other, until one of many things ends them (WHATWG HTML 13.2.6.5). */
const FOREIGN = new Set(['svg', 'math']);
/** Attributes that people read where the element itself is not shown, or in its place. */
const SPOKEN = new Set(['alt', 'title', 'value', 'placeholder', 'label']);
/** Of longer values nothing is said: they are data. */
const SPOKEN_CHARS_MAX = 64 * 1024;
/** The host of a link stands in its beginning. */
const LINK_CHARS_MAX = 4_096;
const NAME_CHARS_MAX = 64;
const COMMENT_START = /<!(?:--|\[CDATA\[)/g;

/** Who is told of attributes that may hold links. */
export type LinkReceiver = (attribute: string, value: string) => void;

interface Reading {
  readonly link?: LinkReceiver | undefined;
  /** Nothing ends markup: what is `style` to one reader is text to another. */
  readonly isMarkup?: boolean;
  /** Within a comment or an attribute, where another one is text. */
  readonly isInComment?: boolean;
  /** Of a tag that did not end: another one is text. */
  readonly isRest?: boolean;
}

/**
 * The text of HTML in reading order: what is shown, what is hidden by style, the text of conditional comments, of CDATA,
 * and alternative texts; not scripts, styles and comments. Inline elements do not part words, blocks and cells do.
 * Behind the first `svg`, `math` or CDATA it takes a tree to tell what is a style, a comment, or text: there all of it is said,
 * read as text and as markup, so that nothing is hidden by where they end. Streaming, linear in time, on the tokenizer of
 * htmlparser2 (WHATWG HTML 13.2.5) without a tree, so that depth costs nothing; the result does not depend on where the
 * input is cut.
 */
export class HtmlText {
  readonly #held = new HeldChunks();
  readonly #tokenizer: Tokenizer;
  #out: string[] = [];
  /** All that stands before it has been read. */
  #read = 0;
  #isInTag = false;
  #rawName = '';
  /** Behind `svg`, `math` or CDATA. */
  #isDoubtful: boolean;
  /** Reads as markup what the tokenizer takes for raw text; and what it has found. */
  #other: HtmlText | undefined;
  #otherText: string[] = [];
  #attribute = '';
  #value = '';
  #isSpace = true;
  #isBlock = false;
  #hasText = false;

  constructor(private readonly reading: Reading = {}) {
    this.#isDoubtful = reading.isMarkup === true;
    this.#tokenizer = new Tokenizer(
      {},
      {
        // At the end of the input the tokenizer may name a start before what it has told already.
        ontext: (start, end) => this.#text(this.#slice(Math.max(start, this.#read), end)),
        ontextentity: (code) => this.#text(String.fromCodePoint(code)),
        onopentagname: (start, end) => this.#open(this.#nameAt(start, end)),
        onattribname: (start, end) => {
          this.#attribute = this.#nameAt(start, end);
          this.#value = '';
        },
        onattribdata: (start, end) => {
          this.#read = end;
          if (!this.#isKept()) return;
          const data = this.#held.slice(start, end);
          // Spaces before an address are none of it, however many there are.
          this.#value += this.#value === '' && this.#isLink() ? data.trimStart() : data;
        },
        onattribentity: (code) => {
          if (this.#isKept()) this.#value += String.fromCodePoint(code);
        },
        onattribend: () => this.#endAttribute(),
        onopentagend: (end) => this.#endOpen(end),
        onselfclosingtag: (end) => this.#endOpen(end),
        onclosetag: (start, end) => this.#close(this.#nameAt(start, end)),
        oncomment: (start, end, offset) => {
          const isWhole = this.#held.has(start);
          const text = this.#slice(start, end - offset);
          // What is kept no longer said what it is: the rest is text, as its beginning was.
          if (isWhole) this.#comment(text);
          else this.#cdata(text);
        },
        oncdata: (start, end, offset) => {
          this.#cdata(this.#slice(start, end - offset));
          // Where it ends depends on where it stands, and so does what is markup behind it.
          if (reading.isInComment !== true) this.#isDoubtful = true;
        },
        ondeclaration: (_, end) => (this.#read = end),
        onprocessinginstruction: (_, end) => (this.#read = end),
        onend: () => undefined,
        isInForeignContext: () => reading.isMarkup === true,
      },
    );
  }

  /** Text that this chunk completes. */
  push(chunk: string): string {
    // What is held for too long is text, rather than nothing.
    this.#cdata(this.#held.push(chunk));
    this.#tokenizer.write(chunk);
    this.#held.forget(this.#read);
    return this.#take();
  }

  end(): string {
    this.#tokenizer.end();
    this.#endRaw();
    if (this.#isDoubtful && this.#isInTag)
      this.#endTag(this.#value + this.#slice(this.#read, Number.POSITIVE_INFINITY));
    return this.#take();
  }

  #take(): string {
    const text = this.#out.join('');
    this.#out = [];
    return text;
  }

  #slice(start: number, end: number): string {
    this.#read = end;
    return this.#held.slice(start, end);
  }

  #nameAt(start: number, end: number): string {
    this.#read = end;
    return this.#held.slice(start, Math.min(end, start + NAME_CHARS_MAX)).toLowerCase();
  }

  #text(text: string): void {
    if (this.#other !== undefined) this.#otherText.push(this.#other.push(text));
    if (!SILENT.has(this.#rawName)) this.#say(text);
  }

  #endOpen(end: number): void {
    this.#isInTag = false;
    this.#read = end;
  }

  #open(name: string): void {
    this.#isInTag = true;
    if (BLOCKS.has(name)) this.#isBlock = true;
    if (FOREIGN.has(name)) this.#isDoubtful = true;
    if (this.reading.isMarkup === true || !RAW.has(name)) return;
    this.#rawName = name;
    if (this.#isDoubtful) this.#other = new HtmlText({ ...this.reading, isMarkup: true });
  }

  #close(name: string): void {
    if (BLOCKS.has(name)) this.#isBlock = true;
    if (name === this.#rawName) this.#endRaw();
  }

  /** What the last tag, which does not end, has swallowed. */
  #endTag(rest: string): void {
    if (this.reading.isRest === true) this.#sayApart(rest);
    else this.#sayMarkup(rest, { ...this.reading, isRest: true });
  }

  #endRaw(): void {
    this.#rawName = '';
    if (this.#other === undefined) return;
    this.#sayApart(this.#otherText.join('') + this.#other.end());
    this.#other = undefined;
    this.#otherText = [];
  }

  #isKept(): boolean {
    if (this.#isDoubtful) return true;
    if (this.#isLink()) return this.#value.length <= LINK_CHARS_MAX;
    return SPOKEN.has(this.#attribute) && this.#value.length <= SPOKEN_CHARS_MAX;
  }

  #isLink(): boolean {
    const isAsked = this.reading.link !== undefined;
    return isAsked && (ADDRESS_ATTRIBUTES.has(this.#attribute) || TEXT_ATTRIBUTES.has(this.#attribute));
  }

  #endAttribute(): void {
    const value = this.#value;
    this.#value = '';
    if (this.#isLink()) this.reading.link?.(this.#attribute, value);
    if (SPOKEN.has(this.#attribute) && value.length <= SPOKEN_CHARS_MAX) this.#sayApart(value);
    else if (this.#isDoubtful && value.includes('<')) {
      // One in another is not followed further: each could hold the next.
      if (this.reading.isInComment === true) this.#sayApart(value);
      else this.#sayMarkup(value, { ...this.#links, isInComment: true });
    }
  }

  /** Outlook shows what stands in a conditional comment: only its markers go. */
  #comment(text: string): void {
    // One that does not end is a comment to the tokenizer.
    if (text.startsWith('[CDATA[')) {
      this.#cdata(text.slice('[CDATA['.length));
      return;
    }
    const marker = text.startsWith('[if') ? text.indexOf('>') : -1;
    if (this.reading.isInComment === true) {
      if (this.#isDoubtful) this.#sayApart(text);
    } else if (this.#isDoubtful) this.#sayMarkup(text, { ...this.#links, isInComment: true });
    else if (marker >= 0) {
      const inner = new HtmlText({ ...this.#links, isInComment: true });
      this.#sayApart(inner.push(text.slice(marker + 1)) + inner.end());
    }
  }

  /** Text within SVG; elsewhere a comment that ends at the first `>`, with markup behind it, in which nothing is a comment. */
  #cdata(text: string): void {
    this.#say(text);
    const isFollowed = this.reading.isInComment !== true || this.reading.isMarkup !== true;
    if (isFollowed && text.includes('<'))
      this.#sayMarkup(text.replace(COMMENT_START, ' '), { ...this.#links, isInComment: true });
  }

  get #links(): Pick<Reading, 'link'> {
    return { link: this.reading.link };
  }

  #sayMarkup(html: string, reading: Reading): void {
    const inner = new HtmlText({ ...reading, isMarkup: true });
    this.#sayApart(inner.push(html) + inner.end());
  }

  #sayApart(text: string): void {
    if (text.trim() === '') return;
    this.#isBlock = true;
    this.#say(text);
    this.#isBlock = true;
  }

  /** Adds text with its white space run together; a block begins a line. */
  #say(raw: string): void {
    if (raw === '') return;
    const text = raw.replace(/[ \t\r\n\f]+/g, ' ');
    const rest = this.#isSpace || this.#isBlock ? text.replace(/^ /, '') : text;
    if (rest === '') return;
    if (this.#isBlock && this.#hasText) this.#out.push('\n');
    this.#isBlock = false;
    this.#hasText = true;
    this.#out.push(rest);
    this.#isSpace = rest.endsWith(' ');
  }
}
