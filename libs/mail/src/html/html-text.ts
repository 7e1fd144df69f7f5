import { decodeReferences, REFERENCE_CHARS_MAX } from './character-references.js';

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
/** Attributes that people read where the element itself is not shown. */
const SPOKEN = /(?:^|[\s"'/])(?:alt|title)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/gi;
/** A tag is kept no longer than this; of a longer one only the name is known. */
const TAG_CHARS_MAX = 64 * 1024;
const TAG_NAME_CHARS = 64;

type State = 'text' | 'markup' | 'tag' | 'comment' | 'silent';

/**
 * The text of HTML in reading order: what is shown, what is hidden by style, the text of conditional comments, and
 * alternative texts; not scripts, styles and comments. Inline elements do not part words, blocks and cells do. Streaming,
 * linear in time, without a tree and without recursion, so that depth costs nothing; the result does not depend on where
 * the input is cut.
 */
export class HtmlText {
  #state: State = 'text';
  /** What was kept back because it may go on in the next chunk. */
  #kept = '';
  /** The quote that an attribute value stands in, and whether `=` came just before. */
  #quote = '';
  #isAfterEquals = false;
  /** How far into the tag that begins the kept input all is known. */
  #scan = 1;
  #isLongTag = false;
  /** What ends the comment. */
  #ending = '>';
  #silentName = '';
  #isSpace = true;
  #isBlock = false;
  #hasText = false;

  /** Text that this chunk completes. */
  push(chunk: string): string {
    return this.#run(this.#kept + chunk, false);
  }

  end(): string {
    return this.#run(this.#kept, true);
  }

  #run(html: string, isLast: boolean): string {
    const out: string[] = [];
    let at = 0;
    this.#kept = '';
    while (at < html.length) {
      const next = this.#step(html, at, isLast, out);
      if (next === -2) break;
      if (next < 0) {
        this.#kept = html.slice(at);
        break;
      }
      at = next;
    }
    return out.join('');
  }

  /** One run of text or one piece of markup from `at`; where the next begins; -1 if the input ends within it, -2 if what is kept of it is set. */
  #step(html: string, at: number, isLast: boolean, out: string[]): number {
    switch (this.#state) {
      case 'text':
        return this.#text(html, at, isLast, out);
      case 'markup':
        return this.#markup(html, at, isLast, out);
      case 'tag':
        return this.#tag(html, at, isLast, out);
      case 'comment':
        return this.#comment(html, at, isLast);
      case 'silent':
        return this.#silent(html, at, isLast);
    }
  }

  #text(html: string, at: number, isLast: boolean, out: string[]): number {
    const open = html.indexOf('<', at);
    let end = open < 0 ? html.length : open;
    if (open < 0 && !isLast) {
      // A character reference may go on in the next chunk.
      const reference = html.lastIndexOf('&');
      if (reference >= at && end - reference < REFERENCE_CHARS_MAX && /^&#?\w*$/.test(html.slice(reference)))
        end = reference;
      if (end === at) return -1;
    }
    this.#say(html.slice(at, end), out);
    if (open >= 0) this.#state = 'markup';
    return end;
  }

  /** At a `<`. */
  #markup(html: string, at: number, isLast: boolean, out: string[]): number {
    // Enough to tell a comment, a conditional comment and an end tag apart.
    if (!isLast && html.length - at < '<!--[if'.length) return -1;
    if (/^<\/?[a-z]/i.test(html.slice(at, at + 3))) {
      this.#state = 'tag';
      this.#quote = '';
      this.#isAfterEquals = false;
      this.#scan = 1;
      this.#isLongTag = false;
      return at;
    }
    this.#state = 'text';
    if (html.startsWith('<!--[if', at)) {
      // Outlook shows what stands in it: only the markers go.
      this.#state = 'comment';
      this.#ending = '>';
      return at + 4;
    }
    if (html.startsWith('<!--', at)) {
      this.#state = 'comment';
      this.#ending = '-->';
      // `<!-->` and `<!--->` are whole.
      return at + 2;
    }
    if (html[at + 1] === '!' || html[at + 1] === '?' || html[at + 1] === '/') {
      this.#state = 'comment';
      this.#ending = '>';
      return at + 1;
    }
    this.#say('<', out);
    return at + 1;
  }

  #tag(html: string, start: number, isLast: boolean, out: string[]): number {
    let at = start + this.#scan;
    for (; at < html.length; at += 1) {
      if (this.#quote !== '') {
        const close = html.indexOf(this.#quote, at);
        at = close < 0 ? html.length : close;
        if (close < 0) break;
        this.#quote = '';
        continue;
      }
      const code = html.charCodeAt(at);
      if (code === 0x3e) {
        this.#endTag(html.slice(start, at), out);
        return at + 1;
      }
      if (this.#isAfterEquals && (code === 0x22 || code === 0x27)) {
        this.#quote = html.charAt(at);
        this.#isAfterEquals = false;
      } else if (code === 0x3d) this.#isAfterEquals = true;
      else if (code > 0x20) this.#isAfterEquals = false;
    }
    if (isLast) {
      // A tag that never ends is not shown, but hidden text is text too.
      const rest = html.slice(start);
      const name = /^<\/?[\w:-]{0,64}/.exec(rest)?.[0] ?? '';
      this.#endTag(name, out);
      if (!this.#isLongTag && rest.length <= TAG_CHARS_MAX) this.#say(rest.slice(name.length), out);
      return html.length;
    }
    this.#scan = at - start;
    if (this.#scan <= TAG_CHARS_MAX) return -1;
    // Of a very long tag (an image in the attribute) only the name is kept.
    this.#isLongTag = true;
    this.#scan = TAG_NAME_CHARS;
    this.#kept = html.slice(start, start + TAG_NAME_CHARS);
    return -2;
  }

  #endTag(tag: string, out: string[]): void {
    this.#state = 'text';
    const isClosing = tag.charAt(1) === '/';
    const name = (/^<\/?([a-z][^\s/>]*)/i.exec(tag.slice(0, TAG_NAME_CHARS))?.[1] ?? '').toLowerCase();
    if (BLOCKS.has(name)) this.#isBlock = true;
    if (isClosing) return;
    if (!this.#isLongTag && tag.length <= TAG_CHARS_MAX && tag.includes('=')) {
      for (const [, double, single, bare] of tag.matchAll(SPOKEN)) {
        const spoken = double ?? single ?? bare ?? '';
        if (spoken.trim() === '') continue;
        this.#isBlock = true;
        this.#say(spoken, out);
        this.#isBlock = true;
      }
    }
    if (SILENT.has(name) && !tag.endsWith('/')) {
      this.#state = 'silent';
      this.#silentName = name;
    }
  }

  #comment(html: string, at: number, isLast: boolean): number {
    const close = html.indexOf(this.#ending, at);
    if (close >= 0) {
      this.#state = 'text';
      return close + this.#ending.length;
    }
    return isLast ? html.length : this.#keepTail(html, at, this.#ending.length - 1);
  }

  #silent(html: string, at: number, isLast: boolean): number {
    const ending = `</${this.#silentName}`;
    const close = indexOfIgnoreCase(html, ending, at);
    if (close >= 0) {
      this.#state = 'markup';
      return close;
    }
    return isLast ? html.length : this.#keepTail(html, at, ending.length - 1);
  }

  /** Passes over all but the last characters, in which the ending may have begun. */
  #keepTail(html: string, at: number, length: number): number {
    const from = Math.max(at, html.length - length);
    return from === at ? -1 : from;
  }

  /** Adds text with its white space run together; a block begins a line. */
  #say(raw: string, out: string[]): void {
    if (raw === '') return;
    const text = (raw.includes('&') ? decodeReferences(raw) : raw).replace(/[ \t\r\n\f]+/g, ' ');
    const rest = this.#isSpace || this.#isBlock ? text.replace(/^ /, '') : text;
    if (rest === '') return;
    if (this.#isBlock && this.#hasText) out.push('\n');
    this.#isBlock = false;
    this.#hasText = true;
    out.push(rest);
    this.#isSpace = rest.endsWith(' ');
  }
}

/** ASCII letters only; the needle in lower case and short, so linear in time. */
function indexOfIgnoreCase(text: string, needle: string, from: number): number {
  let at = text.indexOf('<', from);
  while (at >= 0) {
    if (text.slice(at, at + needle.length).toLowerCase() === needle) return at;
    at = text.indexOf('<', at + 1);
  }
  return -1;
}
