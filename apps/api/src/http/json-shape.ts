const [QUOTE, BACKSLASH, COLON] = [0x22, 0x5c, 0x3a];
const [OPEN, CLOSE, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/** Of a text; a search costs more than these one by one. */
const SHORT_BYTES = 64;

/** How JSON may be built. */
export interface JsonLimits {
  /** Arrays and objects in each other: 100,000 of them overflow the stack of what comes behind. */
  readonly depthMax: number;
  /** Properties of one object: what comes behind takes two minutes for 350,000. */
  readonly propertiesMax: number;
  /** Arrays and objects together. */
  readonly containersMax: number;
  /** Bytes of all but the longest text. */
  readonly restBytesMax: number;
}

/**
 * Whether JSON keeps the limits, without reading it as JSON: linear, and at an end where it does not. Of text that is not
 * JSON it says something, and JSON.parse then refuses it.
 */
export function checkJsonShape(bytes: Uint8Array, limits: JsonLimits): 'fits' | 'tooDeep' | 'tooLarge' {
  const properties: number[] = [0];
  let containers = 0;
  let longest = 0;
  let inTexts = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    if (at - inTexts > limits.restBytesMax) return 'tooLarge';
    switch (bytes[at] ?? 0) {
      case QUOTE: {
        const end = endOfText(bytes, at + 1);
        longest = Math.max(longest, end - at);
        inTexts += end - at;
        at = end;
        break;
      }
      case OPEN:
      case OPEN_OBJECT:
        if (properties.push(0) > limits.depthMax + 1) return 'tooDeep';
        containers += 1;
        if (containers > limits.containersMax) return 'tooLarge';
        break;
      case CLOSE:
      case CLOSE_OBJECT:
        if (properties.length > 1) properties.pop();
        break;
      case COLON: {
        const count = (properties.pop() ?? 0) + 1;
        if (count > limits.propertiesMax) return 'tooLarge';
        properties.push(count);
        break;
      }
    }
  }
  return bytes.length - longest > limits.restBytesMax ? 'tooLarge' : 'fits';
}

/** Where the quote is that ends the text whose first byte is at `at`. */
function endOfText(bytes: Uint8Array, at: number): number {
  let end = at;
  for (; end < bytes.length && bytes[end] !== QUOTE; end += bytes[end] === BACKSLASH ? 2 : 1) {
    if (end - at < SHORT_BYTES) continue;
    // A long text is mostly a message in base64, without a backslash: searched for at once.
    const quote = bytes.indexOf(QUOTE, end);
    if (quote >= 0 && !bytes.subarray(end, quote).includes(BACKSLASH)) return quote;
    return byByte(bytes, end);
  }
  return end;
}

function byByte(bytes: Uint8Array, at: number): number {
  let end = at;
  while (end < bytes.length && bytes[end] !== QUOTE) end += bytes[end] === BACKSLASH ? 2 : 1;
  return end;
}
