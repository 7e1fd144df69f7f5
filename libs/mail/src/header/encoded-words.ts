import { decodeCharset, isUnreadableIn, knownCharset, UTF_16 } from '../mime/charset.js';
import { hexDigit } from './hex-digit.js';

/** The charset of RFC 2047 section 2 with the language of RFC 2231 section 5; text may hold what it should not. */
const WORD = /=\?([^?\s]{1,64})\?([bq])\?([^?]*)\?=/gi;

/** Encoded words of one charset with nothing between them: their bytes belong together. */
interface Run {
  readonly charset: string;
  /** Of base64, the characters; of the others, the decoded bytes in latin1. */
  pieces: { readonly isBase64: boolean; text: string }[];
}

/**
 * RFC 2047 encoded words decoded, wherever they stand; white space between two of them is dropped, and characters that
 * were cut apart between two of them are put together. Text without any comes back as it is. Linear in time.
 */
export function decodeText(text: string): string {
  if (!text.includes('=?')) return text;
  let decoded = '';
  let run: Run | undefined;
  let at = 0;
  for (const word of text.matchAll(WORD)) {
    const [whole, charset = '', encoding = '', content = ''] = word;
    const between = text.slice(at, word.index);
    const isAdjacent = run !== undefined && between.trim() === '';
    if (run !== undefined && !(isAdjacent && run.charset === charset.toLowerCase())) {
      decoded += decodeRun(run);
      run = undefined;
    }
    if (!isAdjacent) decoded += between;
    run ??= { charset: charset.toLowerCase(), pieces: [] };
    addPiece(run, encoding.toLowerCase() === 'b', content);
    at = word.index + whole.length;
  }
  if (run !== undefined) decoded += decodeRun(run);
  // What was encoded may hold line ends; nobody means them as such.
  return (decoded + text.slice(at)).replaceAll('\0', '').replace(/[\r\n]+/g, ' ');
}

/** Whether text has an encoded word of which nobody can tell what it says, each word by itself. */
export function hasUnreadableWord(text: string): boolean {
  if (!text.includes('=?')) return false;
  for (const [, charset = '', encoding = '', content = ''] of text.matchAll(WORD)) {
    const bytes = encoding.toLowerCase() === 'b' ? Buffer.from(content, 'base64') : decodeQ(content);
    if (isUnreadableIn(charset, bytes)) return true;
  }
  return false;
}

function addPiece(run: Run, isBase64: boolean, text: string): void {
  const last = run.pieces.at(-1);
  // Some programs cut base64 anywhere.
  if (isBase64 && last?.isBase64 === true && last.text.length % 4 !== 0 && !last.text.endsWith('=')) last.text += text;
  else run.pieces.push({ isBase64, text });
}

function decodeRun({ charset, pieces }: Run): string {
  const joined = decodePieces(charset, pieces);
  // In UTF-16 each has its own byte order mark.
  const isApart = knownCharset(charset) === UTF_16;
  if (pieces.length === 1 || !(isApart || joined.includes('\ufffd'))) return joined;
  const apart = pieces.map((piece) => decodePieces(charset, [piece])).join('');
  if (isApart) return apart;
  return apart.includes('\ufffd') ? joined : apart;
}

function decodePieces(charset: string, pieces: Run['pieces']): string {
  let decoded = '';
  let bytes: Buffer[] = [];
  const flush = (): void => {
    if (bytes.length > 0)
      decoded += decodeCharset(charset, bytes.length === 1 ? (bytes[0] ?? EMPTY) : Buffer.concat(bytes));
    bytes = [];
  };
  for (const { isBase64, text } of pieces) {
    if (isBase64) bytes.push(Buffer.from(text, 'base64'));
    else {
      // 8-bit characters should not be there; they were decoded with the field, and stay.
      for (const [piece] of text.matchAll(/[\0-\x7f]+|[^\0-\x7f]+/g)) {
        if (piece.charCodeAt(0) <= 0x7f) bytes.push(decodeQ(piece));
        else {
          flush();
          decoded += piece;
        }
      }
    }
  }
  flush();
  return decoded;
}

const EMPTY = Buffer.alloc(0);

/** The Q encoding (RFC 2047 section 4.2). */
function decodeQ(text: string): Buffer {
  const target = Buffer.allocUnsafe(text.length);
  let length = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    const high = code === 0x3d ? hexDigit(text.charCodeAt(at + 1)) : -1;
    const low = high < 0 ? -1 : hexDigit(text.charCodeAt(at + 2));
    if (low >= 0) {
      target[length] = high * 16 + low;
      at += 2;
    } else target[length] = code === 0x5f ? 0x20 : code;
    length += 1;
  }
  return target.subarray(0, length);
}
