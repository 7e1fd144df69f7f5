import type { Compilable } from 'kysely';

declare const row: unique symbol;

/** SQL with its values, and the type of the rows that it gives. */
export interface Statement<Row = unknown> {
  /** Prepared under this name once for each connection; absent: planned each time. */
  readonly name?: string;
  readonly text: string;
  readonly values: readonly unknown[];
  readonly [row]?: Row;
}

/** A statement that is prepared under a name of its own: `text` never changes, values come later. */
export function prepared<Row, Values extends readonly unknown[]>(name: string, text: string): Prepared<Row, Values> {
  return (...values) => ({ name, text, values });
}

/** A statement that is planned each time: which index is best depends on the values. */
export function planned<Row, Values extends readonly unknown[]>(text: string): Prepared<Row, Values> {
  return (...values) => ({ text, values });
}

type Prepared<Row, Values extends readonly unknown[]> = (...values: Values) => Statement<Row>;

/** A query that kysely built; named where its text is always the same. */
export function built<Row>(query: Compilable<Row>, name?: string): Statement<Row> {
  const { sql: text, parameters: values } = query.compile();
  return name === undefined ? { text, values } : { name, text, values };
}

/** Text from outside as PostgreSQL can keep it: it has no NUL, and no half of a surrogate pair. */
export function storable(text: string): string {
  return (text.includes('\0') ? text.replaceAll('\0', '\u{fffd}') : text).toWellFormed();
}

/** JSON of which a text may be taken out in SQL: its texts are `storable`. */
export function jsonOf(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'string' ? storable(inner) : inner));
}
