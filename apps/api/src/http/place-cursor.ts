import { AdapterError } from '#lib/adapters';

type Place = readonly [of: string, first: number];

/** Where an answer that is given in pages goes on: of what it is, and the index that comes next. */
export function placeCursor(...place: Place): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/** The place that a cursor of `placeCursor` names. Error: `ERR_CURSOR_INVALID`. */
export function placeOfCursor(cursor: string): Place {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(parts) && parts.length === 2) {
      const [of, first] = parts as readonly unknown[];
      if (typeof of === 'string' && typeof first === 'number' && Number.isSafeInteger(first) && first >= 0) {
        return [of, first];
      }
    }
  } catch {
    // Not one of ours, as below.
  }
  throw cursorInvalid();
}

export function cursorInvalid(): AdapterError {
  return new AdapterError('ERR_CURSOR_INVALID');
}
