import { formatField } from './format-field.js';
import { HeaderBlock } from './header-block.js';

/**
 * Cuts the header of a message that is to be sealed (RFC 8551 section 3.1). `inner` goes inside with the body: the
 * `Content-*` lines in their order, byte for byte, `Content-Type: text/plain` where there was none. `outer` keeps all
 * other lines in their order, with `MIME-Version: 1.0` at the end where there was none.
 */
export function entityHeader(header: HeaderBlock): { inner: HeaderBlock; outer: HeaderBlock } {
  const isContent = (name: string): boolean => /^content-/i.test(name);
  const inner = header.fields.filter((field) => isContent(field.name));
  const outer = header.fields.filter((field) => !isContent(field.name));
  if (!inner.some((field) => field.name.toLowerCase() === 'content-type')) {
    inner.push({ name: 'Content-Type', raw: formatField('Content-Type', 'text/plain') });
  }
  if (!outer.some((field) => field.name.toLowerCase() === 'mime-version')) {
    outer.push({ name: 'MIME-Version', raw: formatField('MIME-Version', '1.0') });
  }
  return { inner: new HeaderBlock(inner), outer: new HeaderBlock(outer) };
}
