import { decodeText } from '../header/encoded-words.js';
import { parseParameters, type ParameterizedValue } from '../header/parameters.js';
import type { HeaderField } from '../header/raw-fields.js';
import { strayLines } from '../header/stray-lines.js';
import { unfoldedValue } from '../header/decode-value.js';
import { MailError } from '../errors.js';
import { areRivals, saysCharset } from './charset.js';
import { isIdentity } from './transfer-decoder.js';

/** RFC 2046 section 5.1.1 allows 70; what is beyond this is refused rather than not seen. */
const BOUNDARY_BYTES_MAX = 1_000;

/** What the header of a part says about its content. */
export interface PartHeader {
  /** Media type in lower case; `text/plain` where there is none or it is unreadable (RFC 2045 section 5.2). */
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  /** Content-Transfer-Encoding in lower case, '' if there is none. */
  readonly encoding: string;
  /** Programs read different content out of it: fields or parameters that contradict each other, an encoding that is half known. */
  readonly isAmbiguous: boolean;
  /** In lower case, '' if there is none. */
  readonly disposition: string;
  /** Decoded file names, of which programs show one: those of Content-Disposition, then others of Content-Type. */
  readonly names: readonly string[];
  /** A name is in a charset that cannot be told. */
  readonly hasUnreadableName: boolean;
  /** Of a multipart, in latin1; `undefined` if the part is none or says none. */
  readonly boundary: string | undefined;
  readonly hasContentId: boolean;
  /** Lines that are no fields: some readers show them as text. */
  readonly strayText: string;
}

/**
 * Reads the `Content-*` fields of a part; the first of a name counts, and others that contradict it make it ambiguous.
 * `fallbackType` is that of RFC 2046 section 5.1.5. Error: `ERR_MAIL_BOUNDARY_TOO_LONG`.
 */
export function readPartHeader(fields: readonly HeaderField[], fallbackType: string): PartHeader {
  const types: ParameterizedValue[] = [];
  const placed: ParameterizedValue[] = [];
  const encodings: string[] = [];
  let hasContentId = false;
  for (const field of fields) {
    const name = field.name.length < 10 ? '' : field.name.toLowerCase();
    if (name === 'content-id') hasContentId = true;
    else if (name === 'content-type') types.push(parseParameters(unfoldedValue(field)));
    else if (name === 'content-disposition') placed.push(parseParameters(unfoldedValue(field)));
    else if (name === 'content-transfer-encoding') encodings.push(unfoldedValue(field));
  }
  const [type] = types;
  const media = type === undefined ? fallbackType : mediaType(type.value);
  const boundary = media.startsWith('multipart/') ? type?.parameters.get('boundary') : undefined;
  if (boundary !== undefined && boundary.length > BOUNDARY_BYTES_MAX) {
    throw new MailError('ERR_MAIL_BOUNDARY_TOO_LONG', { limit: 'boundaryBytesMax' });
  }
  const encoding = encodingOf(encodings[0] ?? '');
  return {
    type: media,
    parameters: parametersOf(types),
    encoding,
    isAmbiguous:
      hasRivals(types) ||
      encodings.some((one) => isHalfKnown(one) || !isSameEncoding(encodingOf(one), encoding)) ||
      // Nobody should encode a multipart (RFC 2045 section 6.4); what quoted-printable leaves of one is there all the same.
      (media.startsWith('multipart/') &&
        !isIdentity(encoding) &&
        (encoding !== 'quoted-printable' || boundary === undefined)),
    disposition: placed[0]?.value ?? '',
    names: namesOf([
      ...placed.flatMap((one) => valuesOf(one, 'filename')),
      ...types.flatMap((one) => valuesOf(one, 'name')),
    ]),
    hasUnreadableName:
      placed.some(({ unreadable }) => unreadable.has('filename')) ||
      types.some(({ unreadable }) => unreadable.has('name')),
    boundary:
      boundary === undefined || boundary === '' ? undefined : Buffer.from(boundary.trimEnd()).toString('latin1'),
    hasContentId,
    strayText: strayLines(fields)
      .map((field) => `${unfoldedValue(field)}\n`)
      .join(''),
  };
}

/** Whether what decides how the content is read is said in two ways. */
function hasRivals(types: readonly ParameterizedValue[]): boolean {
  const kinds = new Set(types.map(({ value }) => mediaType(value)));
  const boundaries = new Set(types.map((type) => valuesOf(type, 'boundary').join('\n')));
  return (
    kinds.size > 1 ||
    boundaries.size > 1 ||
    areRivals(types.flatMap(charsetsOf)) ||
    types.some(({ rivals }) => rivals.has('boundary'))
  );
}

/** The charsets that a field says, `undefined` if none. */
function charsetsOf(type: ParameterizedValue): readonly (string | undefined)[] {
  return type.parameters.has('charset') ? valuesOf(type, 'charset') : [undefined];
}

/** Those of the first field; where its charset says nothing, one that does. */
function parametersOf(types: readonly ParameterizedValue[]): ReadonlyMap<string, string> {
  const parameters = types[0]?.parameters ?? new Map<string, string>();
  if (types.length < 2 && !types[0]?.rivals.has('charset')) return parameters;
  const charset = types.flatMap(charsetsOf).find(saysCharset);
  return charset === undefined ? parameters : new Map([...parameters, ['charset', charset]]);
}

/** 7bit, 8bit and binary say different things of the same bytes. */
function isSameEncoding(one: string, other: string): boolean {
  return one === other || (isIdentity(one) && isIdentity(other));
}

/** The encoding without what programs write around it: comments, quotes, parameters. */
function encodingOf(value: string): string {
  return /^["\s]*([^\s;,"]*)/.exec(withoutComments(value))?.[1]?.toLowerCase() ?? '';
}

function withoutComments(value: string): string {
  return value.replace(/\([^()]*\)/g, ' ');
}

/** `"base64"`, `base64x` or `x base64`: some programs decode it, others do not. */
function isHalfKnown(value: string): boolean {
  const plain = withoutComments(value);
  const written = plain.replace(/;.*$/, '').trim().toLowerCase();
  return !KNOWN_ENCODING.test(written) && ENCODING_NAME.test(plain);
}

const KNOWN_ENCODING = /^(?:base64|quoted-printable|x-uuencode|x-uue|uuencode)$/;
const ENCODING_NAME = /base-?64|quoted|uu/i;

function mediaType(value: string): string {
  return /^[!#$%&'*+.^_`{|}~\w-]+\/[!#$%&'*+.^_`{|}~\w-]+$/.test(value) ? value : 'text/plain';
}

function valuesOf({ parameters, rivals }: ParameterizedValue, name: string): readonly string[] {
  const value = parameters.get(name);
  return rivals.get(name) ?? (value === undefined ? [] : [value]);
}

function namesOf(given: readonly string[]): string[] {
  return [...new Set(given.map(cleanName).filter((name) => name !== ''))];
}

function cleanName(name: string): string {
  return decodeText(name)
    .replace(/[\x00-\x1f\x7f]+/g, ' ')
    .trim();
}
