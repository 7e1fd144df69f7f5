const CR = 0x0d;
const LF = 0x0a;

/**
 * The same bytes with each bare LF and each bare CR made CRLF (contract: what comes by REST or webhook), streaming. The
 * result does not depend on where the source is cut. Lines that end in CRLF pass without a copy.
 */
export async function* canonicalizeLineEnds(
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let isAfterCr = false;
  for await (const chunk of source) {
    if (chunk.length === 0) continue;
    if (!isAfterCr && isCanonical(chunk)) yield chunk;
    else {
      const canonical = canonicalize(chunk, isAfterCr);
      if (canonical.length > 0) yield canonical;
    }
    isAfterCr = chunk[chunk.length - 1] === CR;
  }
}

/** Whether each CR has its LF and each LF its CR, within this chunk. */
function isCanonical(chunk: Uint8Array): boolean {
  for (let at = 0; at < chunk.length; at += 1) {
    const byte = chunk[at];
    if (byte === LF) return false;
    if (byte === CR) {
      at += 1;
      if (chunk[at] !== LF) return false;
    }
  }
  return true;
}

/** A CR is written as CRLF at once; the LF that belongs to it is then passed over. */
function canonicalize(chunk: Uint8Array, isAfterCr: boolean): Buffer {
  let extra = 0;
  for (let at = 0; at < chunk.length; at += 1) if (chunk[at] === CR || chunk[at] === LF) extra += 1;
  const target = Buffer.allocUnsafe(chunk.length + extra);
  let length = 0;
  let wasCr = isAfterCr;
  for (let at = 0; at < chunk.length; at += 1) {
    const byte = chunk[at] ?? 0;
    if (byte === CR || (byte === LF && !wasCr)) {
      target[length] = CR;
      target[length + 1] = LF;
      length += 2;
    } else if (byte !== LF) {
      target[length] = byte;
      length += 1;
    }
    wasCr = byte === CR;
  }
  return target.subarray(0, length);
}
