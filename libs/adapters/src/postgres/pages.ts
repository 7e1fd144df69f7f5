import { isId } from '#lib/core';
import { AdapterError } from '../errors.js';
import type { Page, PageQuery } from './stores.js';

/** A text of a thousand characters in UTF-8, in base64. */
const LONG_CHARS_MAX = 4_100;

/** The page of a list that was asked for with one row more than its limit. */
export function pageOf<Row, T>(
  rows: readonly Row[],
  { limit }: PageQuery,
  toItem: (row: Row) => T,
  cursorOf: (row: Row) => string,
): Page<T> {
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return { items: rows.slice(0, limit).map(toItem), nextCursor: last === undefined ? null : cursorOf(last) };
}

/** Where a list that is ordered by id goes on. */
export function idCursor(id: string): string {
  return encode([id]);
}

/** The id that a cursor of `idCursor` names. Error: `ERR_CURSOR_INVALID`. */
export function idOfCursor(cursor: string): string {
  const [id, ...rest] = decode(cursor);
  if (typeof id !== 'string' || !isId(id) || rest.length > 0) throw invalid();
  return id;
}

/** Where a list that is ordered by a whole number goes on. */
export function numberCursor(position: number): string {
  return encode([position]);
}

/** Error: `ERR_CURSOR_INVALID`. */
export function numberOfCursor(cursor: string): number {
  const [position, ...rest] = decode(cursor);
  if (!Number.isSafeInteger(position) || rest.length > 0) throw invalid();
  return position as number;
}

/** Where a list that is ordered by a text of at most 1,000 characters goes on. */
export function textCursor(text: string): string {
  return encode([text]);
}

/** Error: `ERR_CURSOR_INVALID`. */
export function textOfCursor(cursor: string): string {
  const [text, ...rest] = decode(cursor, LONG_CHARS_MAX);
  if (typeof text !== 'string' || rest.length > 0) throw invalid();
  return text;
}

/** Where a list that is ordered by time, then id, goes on. */
export function timeCursor(at: Date, id: string): string {
  return encode([at.getTime(), id]);
}

/** Error: `ERR_CURSOR_INVALID`. */
export function timeOfCursor(cursor: string): { readonly at: Date; readonly id: string } {
  const [ms, id, ...rest] = decode(cursor);
  const at = new Date(typeof ms === 'number' ? ms : Number.NaN);
  if (Number.isNaN(at.getTime()) || typeof id !== 'string' || !isId(id) || rest.length > 0) throw invalid();
  return { at, id };
}

/** Where an answer that is given in pages goes on: of what it is, and the index that comes next. */
export function placeCursor(of: string, first: number): string {
  return encode([of, first]);
}

/** Error: `ERR_CURSOR_INVALID`. */
export function placeOfCursor(cursor: string): readonly [of: string, first: number] {
  const [of, first, ...rest] = decode(cursor);
  if (typeof of !== 'string' || !Number.isSafeInteger(first) || Number(first) < 0 || rest.length > 0) throw invalid();
  return [of, Number(first)];
}

function encode(parts: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

function decode(cursor: string, charsMax = 200): unknown[] {
  if (cursor.length > charsMax || !/^[A-Za-z0-9_-]+$/.test(cursor)) throw invalid();
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(parts)) return parts;
  } catch {
    // Not one of ours, as below.
  }
  throw invalid();
}

function invalid(): AdapterError {
  return new AdapterError('ERR_CURSOR_INVALID');
}
