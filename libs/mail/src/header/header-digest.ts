import { createHash } from 'node:crypto';
import type { HeaderBlock } from './header-block.js';
import { rawValue, type HeaderField } from './raw-fields.js';

/**
 * SHA-256, hex, of what a header says of the content: its `Content-*`, Subject and From lines, and lines that are no
 * fields. Names in lower case, values unfolded and with their white space run together, so that a relay may fold them
 * anew; lines of one name in their order.
 */
export function headerDigest(header: HeaderBlock): string {
  const lines = header.fields
    .map((field) => ({ name: field.name.toLowerCase(), field }))
    .filter(({ name }) => /^(?:|subject|from|content-.*)$/.test(name))
    .sort((a, b) => Number(a.name > b.name) - Number(a.name < b.name));
  const hash = createHash('sha256');
  for (const { name, field } of lines) hash.update(`${name}:${canonicalValue(field)}\n`, 'latin1');
  return hash.digest('hex');
}

function canonicalValue(field: HeaderField): string {
  const value = rawValue(field).toString('latin1');
  return value.replace(/[ \t\r\n]+/g, ' ').trim();
}
