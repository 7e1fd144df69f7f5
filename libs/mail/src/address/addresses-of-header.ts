import { normalizeAddress } from '#lib/core';
import { unfoldedValue } from '../header/decode-value.js';
import type { HeaderBlock } from '../header/header-block.js';
import { defaultMailLimits } from '../parsed-mail.js';
import { parseAddresses } from './parse-addresses.js';

/**
 * The addresses of all fields of these names, in the form of `normalizeAddress`, each once, in the order of the header.
 * What is no address that may stand in a path is left out. Throws `ERR_MAIL_TOO_MANY_ADDRESSES`.
 */
export function addressesOfHeader(
  header: HeaderBlock,
  names: readonly string[],
  addressesMax: number = defaultMailLimits.addressesMax,
): string[] {
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  const found = new Set<string>();
  for (const field of header.fields) {
    if (!wanted.has(field.name.toLowerCase())) continue;
    for (const { address } of parseAddresses(unfoldedValue(field), addressesMax)) {
      const normal = normalizeAddress(address);
      if (normal !== undefined) found.add(normal);
    }
  }
  return [...found];
}
