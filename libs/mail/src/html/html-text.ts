import { Tokenizer } from 'htmlparser2';
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
/** Elements in which the content of `style` is markup like any other (WHATWG HTML 13.2.6.5). */
const FOREIGN = new Set(['svg', 'math']);
/** Attributes that people read where the element itself is not shown. */
const SPOKEN = new Set(['alt', 'title']);
/** Of longer values nothing is said: they are data. */
const SPOKEN_CHARS_MAX = 64 * 1024;
const NAME_CHARS_MAX = 64;

/**
 * The text of HTML in reading order: what is shown, what is hidden by style, the text of conditional comments, and
 * alternative texts; not scripts, styles and comments. Inline elements do not part words, blocks and cells do. Streaming,
 * linear in time, on the tokenizer of htmlparser2 (WHATWG HTML 13.2.5) without a tree, so that depth costs nothing; the
 * result does not depend on where the input is cut.
 */
export class HtmlText {
  readonly #held = new HeldChunks();
  readonly #tokenizer: Tokenizer;
  #out: string[] = [];
  /** All that stands before it has been read. */
  #read = 0;
  #silentName = '';
  #foreignName = '';
  #attribute = '';
  #value = '';
  #isSpace = true;
  #isBlock = false;
  #hasText = false;

  /** `isInComment`: within a conditional comment, where another comment is no comment. */
  constructor(private readonly isInComment = false) {
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
          if (this.#isSpoken()) this.#value += this.#slice(start, end);
        },
        onattribentity: (code) => {
          if (this.#isSpoken()) this.#value += String.fromCodePoint(code);
        },
        onattribend: () => this.#endAttribute(),
        onopentagend: (end) => (this.#read = end),
        onselfclosingtag: (end) => (this.#read = end),
        onclosetag: (start, end) => this.#close(this.#nameAt(start, end)),
        oncomment: (start, end, offset) => this.#comment(this.#slice(start, end - offset)),
        oncdata: (start, end, offset) => {
          const text = this.#slice(start, end - offset);
          // Text within SVG, a comment elsewhere.
          if (this.#foreignName !== '') this.#say(text);
        },
        ondeclaration: (_, end) => (this.#read = end),
        onprocessinginstruction: (_, end) => (this.#read = end),
        onend: () => undefined,
        isInForeignContext: () => this.#foreignName !== '',
      },
    );
  }

  /** Text that this chunk completes. */
  push(chunk: string): string {
    // What is held for too long is text, rather than nothing.
    this.#say(this.#held.push(chunk));
    this.#tokenizer.write(chunk);
    this.#held.forget(this.#read);
    return this.#take();
  }

  end(): string {
    this.#tokenizer.end();
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
    if (this.#silentName === '') this.#say(text);
  }

  #open(name: string): void {
    if (BLOCKS.has(name)) this.#isBlock = true;
    if (this.#foreignName === '' && SILENT.has(name)) this.#silentName = name;
    if (this.#foreignName === '' && FOREIGN.has(name)) this.#foreignName = name;
  }

  #close(name: string): void {
    if (BLOCKS.has(name)) this.#isBlock = true;
    if (name === this.#silentName) this.#silentName = '';
    if (name === this.#foreignName) this.#foreignName = '';
  }

  #isSpoken(): boolean {
    return SPOKEN.has(this.#attribute) && this.#value.length <= SPOKEN_CHARS_MAX;
  }

  #endAttribute(): void {
    const value = this.#value.length > SPOKEN_CHARS_MAX ? '' : this.#value;
    this.#value = '';
    if (value.trim() === '') return;
    this.#isBlock = true;
    this.#say(value);
    this.#isBlock = true;
  }

  /** Outlook shows what stands in a conditional comment: only its markers go. */
  #comment(text: string): void {
    const marker = text.indexOf('>');
    if (!text.startsWith('[if') || marker < 0 || this.isInComment) return;
    const inner = new HtmlText(true);
    const html = text.slice(marker + 1);
    this.#isBlock = true;
    this.#say(inner.push(html) + inner.end());
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
