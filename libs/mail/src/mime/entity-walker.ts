import { cutFields, type HeaderField } from '../header/raw-fields.js';
import { BoundaryStack, type BoundaryMatch } from './boundary-stack.js';
import type { TransferDecoder } from './byte-sink.js';
import { readPartHeader, type PartHeader } from './part-header.js';
import type { ParseBudget } from './parse-budget.js';
import { isIdentity } from './transfer-decoder.js';

const LF = 0x0a;
const CR = 0x0d;
const DASH = 0x2d;
const EMPTY: Buffer = Buffer.alloc(0);

/** What the walker tells of a message; the walker cuts, the visitor keeps. */
export interface EntityVisitor {
  /** The header of the message itself, before anything else. */
  header(fields: readonly HeaderField[], end: Buffer): void;
  /** A part that is no multipart; what it gives back gets the content as it is encoded. */
  leaf(part: PartHeader, depth: number): TransferDecoder;
  /** Text before the first boundary, which counts only if no boundary comes (then `end` is called, else `discard`). */
  preamble(part: PartHeader): TransferDecoder & { discard(): void };
  /** A message within the message, whose content is walked in place. What it gives back is told its size at its end. */
  nested(part: PartHeader): (sizeBytes: number) => void;
}

/**
 * Walks the MIME structure (RFC 2045, RFC 2046) of a stream of bytes, in one pass. A boundary of any enclosing multipart
 * counts (section 5.1.2), with white space behind it, after the close delimiter too, and in the middle of a header: no
 * part is hidden by a boundary that some readers see. Work is linear in the bytes; what is held is a header, or a line
 * that may be a boundary. Throws the {@link MailError}s of its budget.
 */
export class EntityWalker {
  readonly #frames = new BoundaryStack();
  readonly #nested: { readonly level: number; readonly start: number; readonly done: (sizeBytes: number) => void }[] =
    [];
  #kept: Buffer = EMPTY;
  /** Bytes before the kept ones. */
  #offset = 0;
  #isInHeader = true;
  #isTop = true;
  /** In a header: the line up to which all is known, from the beginning of what is kept. */
  #scanned = 0;
  /** In a body: the kept bytes begin a line. */
  #isLineStart = true;
  #sink: TransferDecoder | undefined;
  #depth: number;
  #fallbackType = 'text/plain';

  constructor(
    private readonly visitor: EntityVisitor,
    private readonly budget: ParseBudget,
    depth = 1,
  ) {
    this.#depth = depth;
  }

  push(chunk: Uint8Array): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    this.#run(this.#kept.length === 0 ? bytes : Buffer.concat([this.#kept, bytes]), false);
  }

  end(): void {
    this.#run(this.#kept, true);
    if (this.#isInHeader) this.#endHeader(EMPTY, 0);
    this.#endContent();
    this.#endNested(-1, this.#offset);
  }

  #run(bytes: Buffer, isLast: boolean): void {
    let at = 0;
    for (;;) {
      const next = this.#isInHeader ? this.#header(bytes, at, isLast) : this.#body(bytes, at, isLast);
      if (next < 0 || next >= bytes.length) {
        const kept = next < 0 ? -next - 1 : next;
        this.#offset += kept;
        this.#kept = bytes.subarray(kept);
        return;
      }
      at = next;
    }
  }

  /** Reads a header from `at`, line by line; gives where its body begins, or `-1 - at` if the bytes end within it. */
  #header(bytes: Buffer, at: number, isLast: boolean): number {
    let line = at + this.#scanned;
    while (line < bytes.length) {
      const lf = bytes.indexOf(LF, line);
      if (lf < 0 && !isLast) break;
      const end = lf < 0 ? bytes.length : lf;
      if (lf === line || (lf === line + 1 && bytes[line] === CR)) {
        this.#endHeader(bytes.subarray(at, end + 1), end + 1);
        return end + 1;
      }
      // A boundary in the middle of a header ends it, and the part has no body.
      const match = bytes[line] === DASH && bytes[line + 1] === DASH ? this.#frames.match(bytes, line, end) : undefined;
      if (match !== undefined) {
        this.#endHeader(bytes.subarray(at, line), line);
        this.#endContent(match);
        return this.#delimiter(match, line, Math.min(end + 1, bytes.length));
      }
      line = end + 1;
      this.budget.useHeader(line - at);
    }
    this.budget.useHeader(bytes.length - at);
    if (!isLast) {
      this.#scanned = line - at;
      return -1 - at;
    }
    this.#endHeader(bytes.subarray(at), bytes.length);
    return bytes.length;
  }

  #endHeader(bytes: Buffer, bodyStart: number): void {
    this.#scanned = 0;
    this.#isInHeader = false;
    this.#isLineStart = true;
    this.budget.usePart(this.#depth);
    const { fields, end } = cutFields(bytes, this.budget.limits.headerFieldsMax);
    if (this.#isTop) this.visitor.header(fields, end);
    this.#isTop = false;
    const part = readPartHeader(fields, this.#fallbackType);
    this.#fallbackType = 'text/plain';
    if (part.boundary !== undefined) {
      const preamble = this.visitor.preamble(part);
      this.#sink = preamble;
      this.#frames.push({
        boundary: part.boundary,
        depth: this.#depth,
        isDigest: part.type === 'multipart/digest',
        preamble,
      });
      return;
    }
    if (isWalkedInPlace(part)) {
      const done = this.visitor.nested(part);
      this.#nested.push({ level: this.#frames.size, start: this.#offset + bodyStart, done });
      this.#depth += 1;
      this.#isInHeader = true;
      return;
    }
    this.#sink = this.visitor.leaf(part, this.#depth);
  }

  /** Gives content on from `at`; gives where the next header begins, or `-1 - from` if the bytes end. */
  #body(bytes: Buffer, at: number, isLast: boolean): number {
    if (this.#frames.isEmpty) {
      this.#give(bytes, at, bytes.length);
      return bytes.length;
    }
    let search = at;
    for (;;) {
      const line = this.#boundaryCandidate(bytes, at, search);
      if (line < 0) {
        const end = isLast ? bytes.length : Math.max(at, bytes.length - this.#heldBack(bytes, at));
        this.#give(bytes, at, end);
        return -1 - end;
      }
      const lf = bytes.indexOf(LF, line);
      if (lf < 0 && !isLast && bytes.length - line <= this.#frames.lineBytesMax) {
        const end = Math.max(at, lineEndBefore(bytes, line));
        this.#give(bytes, at, end);
        return -1 - end;
      }
      const end = lf < 0 ? bytes.length : lf;
      const match = this.#frames.match(bytes, line, end);
      if (match !== undefined) {
        // The line end before a boundary belongs to the boundary.
        const contentEnd = Math.max(at, lineEndBefore(bytes, line));
        this.#give(bytes, at, contentEnd);
        this.#endContent(match);
        return this.#delimiter(match, contentEnd, Math.min(end + 1, bytes.length));
      }
      search = end;
      if (search >= bytes.length) {
        this.#give(bytes, at, bytes.length);
        this.#isLineStart = false;
        return bytes.length;
      }
    }
  }

  #boundaryCandidate(bytes: Buffer, at: number, search: number): number {
    if (search === at && this.#isLineStart && bytes[at] === DASH && bytes[at + 1] === DASH) return at;
    const found = bytes.indexOf('\n--', search, 'latin1');
    return found < 0 ? -1 : found + 1;
  }

  /** How many bytes at the end may belong to a boundary line that has just begun. */
  #heldBack(bytes: Buffer, at: number): number {
    const last = bytes.length - 1;
    if (this.#isLineStart && last === at && bytes[last] === DASH) return 1;
    const dash = bytes[last] === DASH ? 1 : 0;
    const lf = bytes[last - dash] === LF ? 1 : 0;
    if (lf === 0) return dash === 0 && bytes[last] === CR ? 1 : 0;
    return dash + 1 + (bytes[last - dash - 1] === CR ? 1 : 0);
  }

  #give(bytes: Buffer, from: number, to: number): void {
    if (to <= from) return;
    this.#isLineStart = false;
    this.#sink?.push(bytes.subarray(from, to));
  }

  /** The content of the part that is open ends; `before` is the multipart whose boundary ends it. */
  #endContent(before?: BoundaryMatch): void {
    const sink = this.#sink;
    this.#sink = undefined;
    if (sink === undefined) return;
    if (before?.frame.preamble === sink) before.frame.preamble.discard();
    else sink.end();
  }

  /** Behind a boundary line: the parts within end, and a header begins, or what follows the last part is passed over. */
  #delimiter({ frame, index, isClose }: BoundaryMatch, contentEnd: number, next: number): number {
    this.#frames.popTo(index);
    this.#endNested(index, this.#offset + contentEnd);
    this.#isInHeader = !isClose;
    this.#isLineStart = true;
    this.#scanned = 0;
    this.#depth = frame.depth + 1;
    this.#fallbackType = frame.isDigest ? 'message/rfc822' : 'text/plain';
    return next;
  }

  /** Messages that began within the multipart at `level` end. */
  #endNested(level: number, offset: number): void {
    for (let last = this.#nested.at(-1); last !== undefined && last.level > level; last = this.#nested.at(-1)) {
      this.#nested.pop();
      last.done(Math.max(0, offset - last.start));
    }
  }
}

function isWalkedInPlace(part: PartHeader): boolean {
  return isMessage(part.type) && isIdentity(part.encoding);
}

/** A whole message within the message (RFC 2046 section 5.2.1, RFC 6532). */
export function isMessage(type: string): boolean {
  return type === 'message/rfc822' || type === 'message/global' || type === 'message/news';
}

/** Where the line end before `line` begins. */
function lineEndBefore(bytes: Buffer, line: number): number {
  if (line === 0 || bytes[line - 1] !== LF) return line;
  return line >= 2 && bytes[line - 2] === CR ? line - 2 : line - 1;
}
