import type { FactError, FactRecord, FactValue, HeaderEdit } from '../types.js';
import type { Look } from './look.js';

/** The fields that say how important a message is. */
const IMPORTANCE_FIELDS = ['importance', 'x-priority', 'x-msmail-priority', 'priority'];

/** Subject as the rules so far have left it, of several lines all: a list. */
export function subjectOf(record: FactRecord, look: Pick<Look, 'edits'>): FactValue | FactError {
  const edit = look.edits.find((one) => one.type === 'setSubject');
  if (edit !== undefined) return edit.text;
  return unreadableField(record, look, 'subject') ?? record.message['subject'];
}

/** The error of a header field (lower-case name) whose text could not be told, unless rules have written another. */
export function unreadableField(
  { unreadable }: FactRecord,
  look: Pick<Look, 'edits'>,
  name: string,
): FactError | undefined {
  if (unreadable?.fields.includes(name) !== true) return undefined;
  const isWritten = look.edits.some((edit) => {
    if (edit.type === 'setSubject') return name === 'subject';
    return edit.type !== 'addAddress' && edit.name.toLowerCase() === name;
  });
  return isWritten ? undefined : { errorCode: unreadable.errorCode };
}

/** The lines of the subject, of which programs show the first; none where there is none or it could not be read. */
export function subjectLines(record: FactRecord, look: Pick<Look, 'edits'>): readonly string[] {
  const subject = subjectOf(record, look);
  const lines: readonly unknown[] = Array.isArray(subject) ? subject : [subject];
  return lines.filter((line) => typeof line === 'string');
}

/** Values of a header field (lower-case name) as the rules so far have left it. */
export function headerOf(record: FactRecord, look: Pick<Look, 'edits'>, name: string): readonly string[] {
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

/** `message.importance`: as received until a rule writes one of its header fields, then read from them as in received mail. */
export function importanceOf(record: FactRecord, look: Pick<Look, 'edits'>): FactValue | FactError {
  const isWritten = look.edits.some((edit) => 'name' in edit && IMPORTANCE_FIELDS.includes(edit.name.toLowerCase()));
  if (!isWritten) return record.message['message.importance'];
  const first = (name: string): string => headerOf(record, look, name)[0]?.trim().toLowerCase() ?? '';
  const importance = first('importance');
  if (/^(?:high|low|normal)\b/.test(importance)) return level(importance, /^high/, /^low/);
  const priority = first('x-priority');
  if (/^[1-5]/.test(priority)) return level(priority, /^[12]/, /^[45]/);
  const microsoft = first('x-msmail-priority');
  return microsoft === '' ? level(first('priority'), /^urgent/, /^non-urgent/) : level(microsoft, /^high/, /^low/);
}

function level(value: string, high: RegExp, low: RegExp): 'low' | 'normal' | 'high' {
  if (high.test(value)) return 'high';
  return low.test(value) ? 'low' : 'normal';
}
