import type { FactRecord, HeaderEdit, Protection } from '../types.js';

/** How the message looks to one recipient, and what protects it. */
export interface Copy {
  readonly edits: readonly HeaderEdit[];
  readonly added: readonly { readonly address: string; readonly as: string }[];
  readonly removed: readonly string[];
  readonly protection: Protection | null;
}

/** Values of a header field (lower-case name) in one recipient's copy. */
export function oracleHeader(name: string, { edits }: Copy, record: FactRecord): readonly string[] {
  let values = record.headers[name] ?? [];
  for (const edit of edits) {
    if (edit.type === 'setHeader' && edit.name.toLowerCase() === name) values = [edit.value];
    if (edit.type === 'removeHeader' && edit.name.toLowerCase() === name) values = [];
    if (edit.type === 'setSubject' && name === 'subject') values = [edit.text];
    if (edit.type === 'addAddress' && edit.field === name) {
      values = values.length === 0 ? [edit.address] : [`${values[0] ?? ''}, ${edit.address}`, ...values.slice(1)];
    }
  }
  return values;
}
