/** Stands in a row for a recipient of whom nothing is told. */
export const NOTHING_TOLD = '-';

const FIRST = '0'.charCodeAt(0);

/** A place as one character: '0' is the first. Outcomes with their reasons are few, so it stays among plain characters. */
export function placeChar(place: number): string {
  return String.fromCharCode(FIRST + place);
}

/** The place of a character; `undefined` where there is none, or it is no place. */
export function placeOfChar(char: string | undefined): number | undefined {
  if (char === undefined || char === NOTHING_TOLD) return undefined;
  return char.charCodeAt(0) - FIRST;
}
