import { visibleText } from './visible-text.js';

describe('what people see of a text', () => {
  it.each([
    ['a soft hyphen', 'con\u00adtoso'],
    ['a space of no width', 'con\u200btoso'],
    ['a joiner', 'con\u2060toso\ufeff'],
    ['turns of direction', '\u202econ\u2066toso\u2069\u202c'],
    ['marks of direction', 'con\u200etoso\u061c'],
    ['fillers and selectors', 'con\u115f\u3164\ufe0ftoso'],
    ['tags of another plane', 'con\u{e0041}\u{e0100}toso'],
    ['control characters', 'c\x00on\x08toso\x7f'],
  ])('has no %s', (_name, text) => {
    expect(visibleText(text)).toBe('contoso');
  });

  it.each(['Figures of today', 'a\tb\r\nc', 'e\u0301 é', '機密😀', 'a\u00a0b\u3000c', ''])('is all of %j', (text) => {
    expect(visibleText(text)).toBe(text);
  });
});
