import { bounded } from '../../../../test/support/bounded.js';
import { MailError } from '../errors.js';
import { HeaderBlock } from '../header/header-block.js';
import { addressesOfHeader } from './addresses-of-header.js';
import { formatMailbox } from './format-mailbox.js';
import { parseAddresses } from './parse-addresses.js';

const read = (value: string): string[] =>
  parseAddresses(value, 100).map(({ address, displayName }) =>
    displayName === '' ? address : `${displayName}|${address}`,
  );

describe('parseAddresses', () => {
  it.each([
    ['Ann Doe <Ann@Example.COM>', ['Ann Doe|ann@example.com']],
    ['a@b.example, , c@d.example;', ['a@b.example', 'c@d.example']],
    ['"Doe, Ann" <a@b.example>', ['Doe, Ann|a@b.example']],
    ['"x@evil.example" <a@b.example>', ['x@evil.example|a@b.example']],
    ['x@evil.example <a@b.example>', ['x@evil.example|a@b.example']],
    ['=?utf-8?Q?J=C3=BCrgen,?= <j@b.example>', ['Jürgen,|j@b.example']],
    ['=?utf-8?B?PGV2aWxAeC55Pg==?= <r@b.example>', ['<evil@x.y>|r@b.example']],
    ['J. R. Smith <a@b.example>', ['J. R. Smith|a@b.example']],
    ['a@b.example (Ann (the) Doe)', ['Ann the Doe|a@b.example']],
    ['(a (b) evil@x.example) real@y.example', ['a b evil@x.example|real@y.example']],
    ['Pete(A nice \\) chap) <pete(his account)@silly.example(his host)>', ['Pete|pete@silly.example']],
    ['john . doe @ b . example', ['john.doe@b.example']],
    ['<@r1.example,@r2.example:u@h.example>', ['u@h.example']],
    ['Friends: a@b.example, "D" <d@e.example>;, z@z.example', ['a@b.example', 'D|d@e.example', 'z@z.example']],
    ['undisclosed-recipients:; (nobody)', []],
    ['"quoted local"@b.example', ['"quoted local"@b.example']],
    ['user@[IPv6:2001:db8::1]', ['user@[ipv6:2001:db8::1]']],
    ['ann@bücher.example', ['ann@xn--bcher-kva.example']],
    ['Real <a@b.example> <c@d.example>', ['Real|a@b.example', 'c@d.example']],
    ['"unclosed <a@b.example>', ['unclosed|a@b.example']],
    ['(unclosed a@b.example', ['unclosed|a@b.example']],
    ['Ann <a@b.example, c@d.example', ['Ann|a@b.example', 'c@d.example']],
    ['postmaster', ['postmaster']],
    ['"Ann Doe"', ['Ann Doe|']],
    ['<>', []],
    ['', []],
  ])('reads %j', (value, expected) => {
    expect(read(value)).toEqual(expected);
  });

  it('names the limit of addresses', () => {
    expect(() => parseAddresses('a@b.example,'.repeat(101), 100)).toThrow(MailError);
    expect(() => parseAddresses('a@b.example,'.repeat(100), 100)).not.toThrow();
  });

  it.each([
    '(',
    '()',
    '(a',
    '<',
    '<a',
    '<a,',
    '"',
    '"\\',
    '\\"',
    ':',
    ',',
    ';',
    'a:b;',
    'a@ ',
    '@',
    '.',
    '=?',
    '=?a?q?',
    '" "<',
    '[',
    '@[IPv6',
    '<(',
    '("',
  ])('reads a megabyte of %j in linear time', (piece) => {
    const value = piece.repeat(1_000_000 / piece.length);
    try {
      bounded(() => parseAddresses(`${value} a@b.example`, 10_000));
    } catch (error) {
      expect(error).toBeInstanceOf(MailError);
    }
  });
});

describe('formatMailbox', () => {
  it.each([
    ['', 'a@b.example', 'a@b.example'],
    ['Ann Doe', 'a@b.example', 'Ann Doe <a@b.example>'],
    ['Doe, "Ann"', 'a@b.example', '"Doe, \\"Ann\\"" <a@b.example>'],
    ['Jürgen', 'a@b.example', '=?utf-8?B?SsO8cmdlbg==?= <a@b.example>'],
  ])('writes %j, and it reads back', (displayName, address, expected) => {
    const text = formatMailbox({ displayName, address });
    expect(text).toBe(expected);
    expect(parseAddresses(text, 1)).toEqual([{ displayName, address }]);
  });
});

describe('addressesOfHeader', () => {
  it('gives each address of the named fields once, and none that may not stand in a path', () => {
    const header = HeaderBlock.parse(
      Buffer.from(
        'To: A@b.example, postmaster\r\nCc: a@B.example,\r\n "X" <c@d.example>\r\nBcc: e@f.example\r\nFrom: g@h.example\r\n\r\n',
      ),
    );
    expect(addressesOfHeader(header, ['to', 'CC', 'Bcc'])).toEqual(['a@b.example', 'c@d.example', 'e@f.example']);
  });
});
