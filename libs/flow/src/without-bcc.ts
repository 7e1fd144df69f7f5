const LF = 0x0a;
const CR = 0x0d;
/** So much of a line tells whether it is one of them. */
const LOOKED_AT_BYTES = 1_000;
/** What ends before its colon is taken for one: rather a line too few than a recipient shown. */
const BCC = /^(?:resent-)?bcc[ \t]*(?::|$)/i;

/**
 * A message without the fields `Bcc` and `Resent-Bcc` of its header, every other byte as it was. Nothing else is read, so
 * it may have any size: what is held is the beginning of a line.
 */
export async function* withoutBcc(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held = Buffer.alloc(0);
  let isInHeader = true;
  let isDropped = false;
  /** Whether the line that goes on has been looked at. */
  let isKnown = false;
  for await (const chunk of source) {
    if (!isInHeader) {
      yield chunk;
      continue;
    }
    const bytes = Buffer.concat([held, chunk]);
    held = Buffer.alloc(0);
    let from = 0;
    let at = 0;
    while (isInHeader && at < bytes.length) {
      const lf = bytes.indexOf(LF, at);
      const next = lf < 0 ? bytes.length : lf + 1;
      if (!isKnown) {
        if (lf < 0 && next - at < LOOKED_AT_BYTES) {
          held = bytes.subarray(at);
          break;
        }
        const wasDropped: boolean = isDropped;
        isInHeader = !isEmptyLine(bytes, at, next);
        isDropped = isInHeader && isBcc(bytes, at, next, wasDropped);
        if (isDropped && !wasDropped && at > from) yield bytes.subarray(from, at);
        if (wasDropped) from = at;
      }
      isKnown = lf < 0;
      at = next;
    }
    const end = isInHeader ? bytes.length - held.length : bytes.length;
    if (!isDropped && end > from) yield bytes.subarray(from, end);
  }
  if (held.length > 0 && !isBcc(held, 0, held.length, isDropped)) yield held;
}

function isEmptyLine(bytes: Buffer, at: number, next: number): boolean {
  return bytes[at] === LF || (next === at + 2 && bytes[at] === CR && bytes[at + 1] === LF);
}

/** A line that begins with white space goes on with the one above. */
function isBcc(bytes: Buffer, at: number, next: number, isAbove: boolean): boolean {
  const first = bytes[at];
  if (first === 0x20 || first === 0x09) return isAbove;
  // `B` or `R`, of either case: most lines begin otherwise.
  const letter = (first ?? 0) | 0x20;
  if (letter !== 0x62 && letter !== 0x72) return false;
  return BCC.test(bytes.toString('latin1', at, Math.min(next, at + LOOKED_AT_BYTES)));
}
