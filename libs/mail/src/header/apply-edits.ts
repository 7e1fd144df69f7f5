import { isAddressField, normalizeAddress } from '#lib/core';
import { formatMailbox } from '../address/format-mailbox.js';
import { parseAddresses } from '../address/parse-addresses.js';
import { MailError } from '../errors.js';
import { defaultMailLimits } from '../parsed-mail.js';
import { unfoldedValue } from './decode-value.js';
import { formatField, formatRawField } from './format-field.js';
import { HeaderBlock } from './header-block.js';
import { rawValue, type HeaderField } from './raw-fields.js';

/** What may be asked of a header; the shape of the edits that rules give. */
export type HeaderEditLike =
  | { readonly type: 'setHeader'; readonly name: string; readonly value: string }
  | { readonly type: 'removeHeader'; readonly name: string }
  | { readonly type: 'setSubject'; readonly text: string }
  | { readonly type: 'addAddress'; readonly field: 'to' | 'cc'; readonly address: string };

/**
 * The header after the edits, one after the other. `setHeader` and `setSubject` stand where the first of that name
 * stood, else at the end; a value can never add a line. `addAddress` appends to the last field of that name; an address
 * that stands there already is left as it is. Fields that no edit names keep their bytes.
 * Throws `ERR_FIELD_NAME_INVALID`, `ERR_FIELD_ADDRESS_INVALID`.
 */
export function applyEdits(header: HeaderBlock, edits: readonly HeaderEditLike[]): HeaderBlock {
  return edits.reduce(applyEdit, header);
}

function applyEdit(header: HeaderBlock, edit: HeaderEditLike): HeaderBlock {
  switch (edit.type) {
    case 'setHeader':
      return header.replace({ name: edit.name, raw: formatSetField(edit.name, edit.value) });
    case 'removeHeader':
      return header.without(edit.name);
    case 'setSubject':
      return header.replace({ name: 'Subject', raw: formatField('Subject', edit.text) });
    case 'addAddress':
      return addAddress(header, edit.field === 'to' ? 'To' : 'Cc', edit.address);
  }
}

/**
 * Encoded words may not stand in quoted strings (RFC 2047 section 5), so names of mailboxes are encoded one by one, and
 * what looks like an encoded word and is none as well: none of it becomes part of an address.
 */
function formatSetField(name: string, value: string): Buffer {
  const isPlain = /^[\x20-\x7e]*$/.test(value) && !/=\?|\?=|[^ ]{200}/.test(value);
  if (isPlain || !isAddressField(name)) return formatField(name, value);
  const mailboxes = parseAddresses(value.replace(/\s+/g, ' '), defaultMailLimits.addressesMax);
  const isList = mailboxes.some(({ address }) => address.includes('@'));
  return isList ? formatRawField(name, mailboxes.map(formatMailbox).join(', ')) : formatField(name, value);
}

function addAddress(header: HeaderBlock, name: 'To' | 'Cc', given: string): HeaderBlock {
  const address = normalizeAddress(given);
  if (address === undefined) throw new MailError('ERR_FIELD_ADDRESS_INVALID');
  const holds = (field: HeaderField): boolean =>
    parseAddresses(unfoldedValue(field), Number.MAX_SAFE_INTEGER).some((mailbox) => mailbox.address === address);
  const isNamed = (field: HeaderField): boolean => field.name.toLowerCase() === name.toLowerCase();
  if (header.fields.some((field) => isNamed(field) && holds(field))) return header;
  const index = header.fields.findLastIndex(isNamed);
  const last = header.fields[index];
  const lone: HeaderField = { name, raw: formatRawField(name, address) };
  if (last === undefined) return header.replace(lone);
  const fields = [...header.fields];
  const value = rawValue(last);
  if (value.toString('latin1').trim() === '') fields[index] = lone;
  else {
    const colon = Buffer.from(last.raw).indexOf(0x3a);
    const raw = Buffer.concat([last.raw.subarray(0, colon + 1), value, Buffer.from(`,\r\n ${address}\r\n`)]);
    const extended = { name: last.name, raw };
    // An unclosed quote or comment would swallow the address: then it gets a field of its own.
    if (holds(extended)) fields[index] = extended;
    else fields.splice(index + 1, 0, lone);
  }
  return new HeaderBlock(fields, header.end);
}
