import {
  idCursor,
  idOfCursor,
  numberCursor,
  numberOfCursor,
  pageOf,
  placeCursor,
  placeOfCursor,
  textCursor,
  textOfCursor,
  timeCursor,
  timeOfCursor,
} from './pages.js';

const ID = '01a20f9b-86fb-776d-ac05-f058a1d7612f';
const AT = new Date('2026-11-24T12:00:00.123Z');
const base64url = (text: string) => Buffer.from(text).toString('base64url');

describe('cursors', () => {
  it('come back as what they were made of', () => {
    expect(idOfCursor(idCursor(ID))).toBe(ID);
    expect(numberOfCursor(numberCursor(0))).toBe(0);
    expect(timeOfCursor(timeCursor(AT, ID))).toEqual({ at: AT, id: ID });
    expect(textOfCursor(textCursor('ü'.repeat(1_000)))).toBe('ü'.repeat(1_000));
    expect(placeOfCursor(placeCursor('ab', 7))).toEqual(['ab', 7]);
    expect(timeCursor(AT, ID)).toMatch(/^[A-Za-z0-9_-]+$/);
  });

  it.each([
    ['', 'x', '%', '==', base64url('null'), base64url('{}'), base64url('[]'), base64url('["x"]'), base64url('[1e999]')],
    [
      idCursor(`${ID}x`),
      numberCursor(1.5),
      timeCursor(AT, 'x'),
      base64url(`[1,"${ID}",2]`),
      base64url(`[9e99,"${ID}"]`),
    ],
    [base64url(`["${ID.toUpperCase()}"]`), 'A'.repeat(201), base64url('["') + '\n'],
  ])('guarantees that others are refused', (...cursors) => {
    for (const cursor of cursors) {
      for (const read of [idOfCursor, numberOfCursor, timeOfCursor, placeOfCursor]) {
        expect(() => read(cursor)).toThrow(expect.objectContaining({ code: 'ERR_CURSOR_INVALID', kind: 'invalid' }));
      }
    }
  });

  it('guarantees that no text is what is none, or is too long', () => {
    for (const cursor of ['', 'x', base64url('[1]'), base64url('["a","b"]'), base64url(`["${'a'.repeat(3_100)}"]`)]) {
      expect(() => textOfCursor(cursor)).toThrow(expect.objectContaining({ code: 'ERR_CURSOR_INVALID' }));
    }
  });

  it('stand at the end of a page that is followed by another one', () => {
    const page = (rows: readonly number[], limit: number) =>
      pageOf(rows, { limit, cursor: null }, (row) => row * 10, String);
    expect(page([1, 2, 3], 2)).toEqual({ items: [10, 20], nextCursor: '2' });
    expect(page([1, 2], 2)).toEqual({ items: [10, 20], nextCursor: null });
    expect(page([], 2)).toEqual({ items: [], nextCursor: null });
  });
});
