/** Tags of X.690 that CMS and certificates use, as they stand in one byte. */
export const TAG = {
  integer: 0x02,
  octetString: 0x04,
  oid: 0x06,
  sequence: 0x30,
  set: 0x31,
  context0Primitive: 0x80,
  context0: 0xa0,
  context1: 0xa1,
  context2: 0xa2,
  octetStringConstructed: 0x24,
} as const;

/** The bit of a tag that says: this one is made of others (X.690 section 8.1.2.5). */
export const CONSTRUCTED = 0x20;

/**
 * Tag and length of a DER element (X.690 section 10.1: the shortest form), to be followed by `length` bytes of content.
 * The length may be any safe integer, so that a header can be written before the content is there.
 */
export function derHeader(tag: number, length: number): Buffer {
  if (length < 0x80) return Buffer.from([tag, length]);
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return Buffer.from([tag, 0x80 | octets.length, ...octets]);
}

/** A DER element of these parts. */
export function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([derHeader(tag, length), ...parts]);
}

/** Where an element of definite length stands in its buffer: header from `start`, content from `content` to `end`. */
export interface DerElement {
  readonly tag: number;
  readonly start: number;
  readonly content: number;
  readonly end: number;
}

/**
 * Reads the header of the element at `start`, which must end at or before `limit`.
 * Throws a RangeError on anything but a one-byte tag with a definite length that fits.
 */
export function readDer(bytes: Uint8Array, start: number, limit: number): DerElement {
  const tag = bytes[start];
  const first = bytes[start + 1];
  if (tag === undefined || first === undefined || start + 2 > limit || (tag & 0x1f) === 0x1f) {
    throw new RangeError('no element here');
  }
  let content = start + 2;
  let length = first;
  if (first >= 0x80) {
    const count = first - 0x80;
    if (count === 0 || count > 4) throw new RangeError('length is indefinite or too long');
    length = 0;
    for (let i = 0; i < count; i++) length = length * 256 + (bytes[content++] ?? 0);
  }
  const end = content + length;
  if (end > limit) throw new RangeError('element is longer than its container');
  return { tag, start, content, end };
}

/** The elements directly inside of `parent`. Throws a RangeError where they do not fill it exactly. */
export function derChildren(bytes: Uint8Array, parent: DerElement): DerElement[] {
  const children: DerElement[] = [];
  for (let at = parent.content; at < parent.end;) {
    const child = readDer(bytes, at, parent.end);
    children.push(child);
    at = child.end;
  }
  return children;
}

/**
 * Walks the whole structure without recursion and throws a RangeError unless it is one element that fills `bytes`, is
 * nested no deeper than `depthMax` and has no more than `elementsMax` elements. Stands before every recursive parser.
 */
export function checkDerShape(
  bytes: Uint8Array,
  limits: { readonly depthMax: number; readonly elementsMax: number },
): void {
  const root = readDer(bytes, 0, bytes.length);
  if (root.end !== bytes.length) throw new RangeError('bytes after the end');
  const open: { at: number; readonly end: number }[] = [{ at: 0, end: bytes.length }];
  let elements = 0;
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    if (top.at >= top.end) {
      open.pop();
      continue;
    }
    const element = readDer(bytes, top.at, top.end);
    top.at = element.end;
    elements += 1;
    if (elements > limits.elementsMax) throw new RangeError('too many elements');
    if ((element.tag & CONSTRUCTED) === 0) continue;
    if (open.length > limits.depthMax) throw new RangeError('nested too deep');
    open.push({ at: element.content, end: element.end });
  }
}
