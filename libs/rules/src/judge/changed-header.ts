import type { FactError, FactRecord, FactValue, HeaderEdit } from '../types.js';
import type { Look } from './look.js';

const IMPORTANCE: Readonly<Record<string, 'low' | 'normal' | 'high'>> = {
  low: 'low',
  'non-urgent': 'low',
  normal: 'normal',
  medium: 'normal',
  high: 'high',
  urgent: 'high',
};
/** X-Priority counts from 1 (highest) to 5 (lowest). */
const X_PRIORITY = ['high', 'high', 'high', 'normal', 'low', 'low'] as const;

/** The fields that say how important a message is, the one that counts most first. */
export const IMPORTANCE_FIELDS = ['importance', 'x-msmail-priority', 'priority', 'x-priority'] as const;

/** Subject as the rules so far have left it. */
export function subjectOf(record: FactRecord, look: Look): FactValue | FactError {
  const edit = look.edits.find((one) => one.type === 'setSubject');
  return edit === undefined ? record.message['subject'] : edit.text;
}

/** Values of a header field (lower-case name) as the rules so far have left it. */
export function headerOf(record: FactRecord, look: Look, name: string): readonly string[] {
  let values: readonly string[] = Object.hasOwn(record.headers, name) ? (record.headers[name] ?? []) : [];
  for (const edit of look.edits) values = edited(values, edit, name);
  return values;
}

function edited(values: readonly string[], edit: HeaderEdit, name: string): readonly string[] {
  switch (edit.type) {
    case 'setSubject':
      return name === 'subject' ? [edit.text] : values;
    case 'setHeader':
      return edit.name.toLowerCase() === name ? [edit.value] : values;
    case 'removeHeader':
      return edit.name.toLowerCase() === name ? [] : values;
    case 'addAddress': {
      if (edit.field !== name) return values;
      const [first, ...rest] = values;
      return first === undefined ? [edit.address] : [`${first}, ${edit.address}`, ...rest];
    }
  }
}

/** `message.importance`: as received until a rule writes one of its header fields. */
export function importanceOf(record: FactRecord, look: Look): FactValue | FactError {
  const isWritten = look.edits.some(
    (edit) =>
      (edit.type === 'setHeader' || edit.type === 'removeHeader') &&
      (IMPORTANCE_FIELDS as readonly string[]).includes(edit.name.toLowerCase()),
  );
  if (!isWritten) return record.message['message.importance'];
  for (const name of IMPORTANCE_FIELDS) {
    const value = headerOf(record, look, name)[0]?.trim().toLowerCase() ?? '';
    const level = name === 'x-priority' ? X_PRIORITY[Number.parseInt(value, 10)] : IMPORTANCE[value];
    if (level !== undefined) return level;
  }
  return 'normal';
}
