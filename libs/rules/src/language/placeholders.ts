/** What may stand in a text between `{{` and `}}`. */
export const PLACEHOLDERS = [
  'sender.address',
  'sender.displayName',
  'recipient.address',
  'recipient.displayName',
  'subject',
] as const;

export type Placeholder = (typeof PLACEHOLDERS)[number];

const PATTERN = /\{\{([^{}]*)\}\}/g;
/** Characters of a value that is filled in. */
const FILLED_CHARS_MAX = 500;

/** The names that stand between `{{` and `}}` in a text, known or not. */
export function placeholdersIn(text: string): readonly string[] {
  return [...text.matchAll(PATTERN)].map((found) => (found[1] ?? '').trim());
}

/** Fills a text whose placeholders are all known. A value is one line without control characters and cannot hold another placeholder. */
export function fillPlaceholders(text: string, valueOf: (name: Placeholder) => string): string {
  return text.replace(PATTERN, (_all, name: string) => oneLine(valueOf(name.trim() as Placeholder)));
}

function oneLine(value: string): string {
  const line = value.toWellFormed().replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');
  return line.trim().slice(0, FILLED_CHARS_MAX).toWellFormed();
}
