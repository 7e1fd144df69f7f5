import { expectedVersion } from './etag.js';

describe('expectedVersion', () => {
  it.each([
    ['"3"', 3],
    ['"1", "3"', 3],
    [' "3" ', 3],
    ['*', null],
  ])('takes %s for version 3', (ifMatch, expected) => expect(expectedVersion(ifMatch, 3)).toBe(expected));

  it.each([
    [undefined, 'ERR_IF_MATCH_MISSING'],
    ['', 'ERR_IF_MATCH_MISSING'],
    ['3', 'ERR_IF_MATCH_MALFORMED'],
    ['"3', 'ERR_IF_MATCH_MALFORMED'],
    ['*, "3"', 'ERR_IF_MATCH_MALFORMED'],
    ['"2"', 'ERR_VERSION_STALE'],
    ['W/"3"', 'ERR_VERSION_STALE'],
    ['"03"', 'ERR_VERSION_STALE'],
  ])('refuses %s', (ifMatch, code) => {
    expect(() => expectedVersion(ifMatch, 3)).toThrow(expect.objectContaining({ code }) as Error);
  });
});
