import { MailError } from '../errors.js';
import { formatField } from './format-field.js';
import { HeaderBlock } from './header-block.js';
import { strayLines } from './stray-lines.js';

/**
 * Cuts the header of a message that is to be sealed (RFC 8551 section 3.1). `inner` goes inside with the body: the
 * `Content-*` lines in their order, byte for byte, `Content-Type: text/plain` where there was none. `outer` keeps all
 * other lines in their order, with `MIME-Version: 1.0` at the end where there was none, and without a mailbox separator
 * at the top. Lines that are no fields may be text: they can stand neither inside nor, in clear, outside.
 * Error: `ERR_MAIL_STRAY_LINES`.
 */
export function entityHeader(header: HeaderBlock): { inner: HeaderBlock; outer: HeaderBlock } {
  if (strayLines(header.fields).length > 0) throw new MailError('ERR_MAIL_STRAY_LINES');
  const isContent = (name: string): boolean => /^content-/i.test(name);
  const inner = header.fields.filter((field) => isContent(field.name));
  const outer = header.fields.filter((field) => field.name !== '' && !isContent(field.name));
  if (!inner.some((field) => field.name.toLowerCase() === 'content-type')) {
    inner.push({ name: 'Content-Type', raw: formatField('Content-Type', 'text/plain') });
  }
  if (!outer.some((field) => field.name.toLowerCase() === 'mime-version')) {
    outer.push({ name: 'MIME-Version', raw: formatField('MIME-Version', '1.0') });
  }
  return { inner: new HeaderBlock(inner), outer: new HeaderBlock(outer) };
}
