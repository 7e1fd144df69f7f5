import { decodeText } from '../header/encoded-words.js';
import { parseParameters } from '../header/parameters.js';
import type { HeaderField } from '../header/raw-fields.js';
import { strayLines } from '../header/stray-lines.js';
import { unfoldedValue } from '../header/decode-value.js';
import { MailError } from '../errors.js';

/** RFC 2046 section 5.1.1 allows 70; what is beyond this is refused rather than not seen. */
const BOUNDARY_BYTES_MAX = 1_000;

/** What the header of a part says about its content. */
export interface PartHeader {
  /** Media type in lower case; `text/plain` where there is none or it is unreadable (RFC 2045 section 5.2). */
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  /** Content-Transfer-Encoding in lower case, '' if there is none. */
  readonly encoding: string;
  /** In lower case, '' if there is none. */
  readonly disposition: string;
  /** Decoded file names, of which programs show one: Content-Disposition's, then Content-Type's if it is another. */
  readonly names: readonly string[];
  /** Of a multipart, in latin1; `undefined` if the part is none or says none. */
  readonly boundary: string | undefined;
  readonly hasContentId: boolean;
  /** Lines that are no fields: some readers show them as text. */
  readonly strayText: string;
}

/** Reads the `Content-*` fields of a part; the first of a name counts. `fallbackType` is that of RFC 2046 section 5.1.5. */
export function readPartHeader(fields: readonly HeaderField[], fallbackType: string): PartHeader {
  let contentType: string | undefined;
  let disposition: string | undefined;
  let encoding: string | undefined;
  let hasContentId = false;
  for (const field of fields) {
    if (field.name.length === 10) hasContentId ||= field.name.toLowerCase() === 'content-id';
    else if (field.name.length === 12) contentType ??= valueIf(field, 'content-type');
    else if (field.name.length === 19) disposition ??= valueIf(field, 'content-disposition');
    else if (field.name.length === 25) encoding ??= valueIf(field, 'content-transfer-encoding');
  }
  const type = contentType === undefined ? undefined : parseParameters(contentType);
  const placed = disposition === undefined ? undefined : parseParameters(disposition);
  const media = type === undefined ? fallbackType : mediaType(type.value);
  const boundary = media.startsWith('multipart/') ? type?.parameters.get('boundary') : undefined;
  if (boundary !== undefined && boundary.length > BOUNDARY_BYTES_MAX) {
    throw new MailError('ERR_MAIL_BOUNDARY_TOO_LONG', { limit: 'boundaryBytesMax' });
  }
  return {
    type: media,
    parameters: type?.parameters ?? new Map<string, string>(),
    encoding: (encoding ?? '')
      .replace(/\([^()]*\)/g, '')
      .trim()
      .toLowerCase(),
    disposition: placed?.value ?? '',
    names: namesOf(placed?.parameters.get('filename'), type?.parameters.get('name')),
    boundary:
      boundary === undefined || boundary === '' ? undefined : Buffer.from(boundary.trimEnd()).toString('latin1'),
    hasContentId,
    strayText: strayLines(fields)
      .map((field) => `${unfoldedValue(field)}\n`)
      .join(''),
  };
}

function valueIf(field: HeaderField, name: string): string | undefined {
  return field.name.toLowerCase() === name ? unfoldedValue(field) : undefined;
}

function mediaType(value: string): string {
  return /^[!#$%&'*+.^_`{|}~\w-]+\/[!#$%&'*+.^_`{|}~\w-]+$/.test(value) ? value : 'text/plain';
}

function namesOf(...given: readonly (string | undefined)[]): string[] {
  const names = given.map((name) => cleanName(name ?? '')).filter((name) => name !== '');
  return [...new Set(names)];
}

function cleanName(name: string): string {
  return decodeText(name)
    .replace(/[\x00-\x1f\x7f]+/g, ' ')
    .trim();
}
