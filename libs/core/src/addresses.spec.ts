import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describeWithCorpus } from '../../../test/support/corpus.js';
import { domainOf, isUnderDomain, needsSmtpUtf8, normalizeAddress, normalizeDomain } from './addresses.js';

describe('normalizeAddress', () => {
  it.each([
    ['Ann@Example.COM', 'ann@example.com'],
    ['ann@bücher.example', 'ann@xn--bcher-kva.example'],
    ['JOSE\u0301@example.com', 'jos\u00e9@example.com'],
    ['"a@b c"@example.com', '"a@b c"@example.com'],
    ['ann@example.com.', 'ann@example.com'],
    ['ann@[192.0.2.1]', 'ann@[192.0.2.1]'],
    ['ann@[IPv6:2001:DB8::1]', 'ann@[ipv6:2001:db8::1]'],
    ["o'hara+tag=x@mail_1.example", "o'hara+tag=x@mail_1.example"],
  ])('gives %s the one form in which it is compared', (given, expected) => {
    expect(normalizeAddress(given)).toBe(expected);
    expect(normalizeAddress(expected)).toBe(expected);
  });

  it.each([
    ['no domain', 'ann'],
    ['an empty local part', '@example.com'],
    ['an empty domain', 'ann@'],
    ['a bare space', 'ann lee@example.com'],
    ['a bare second @', 'ann@lee@example.com'],
    ['dots that part nothing', 'ann..lee@example.com'],
    ['a line end', 'ann\r\n@example.com'],
    ['a line end in quotes', '"ann\r\n"@example.com'],
    ['NUL', 'ann\0@example.com'],
    ['angle brackets', '<ann@example.com>'],
    ['half of a surrogate pair in the local part', 'ann\ud800@example.com'],
    ['half of a surrogate pair in quotes', '"ann\udc00"@example.com'],
    ['half of a surrogate pair in the domain', 'ann@example\ud800.com'],
    ['a number for a domain', 'ann@192.0.2.1'],
    ['a literal that is no address', 'ann@[192.0.2.256]'],
    ['an IPv6 literal that is none', 'ann@[IPv6:2001:db8:::1]'],
    ['a literal with no tag', 'ann@[2001:db8::1]'],
    ['a label that begins with a hyphen', 'ann@-example.com'],
    ['a local part of 65 octets', `${'a'.repeat(65)}@example.com`],
    ['255 octets', `a@${`${'b'.repeat(62)}.`.repeat(4)}c`],
  ])('refuses %s', (_what, given) => {
    expect(normalizeAddress(given)).toBeUndefined();
  });

  it('counts octets, not characters', () => {
    expect(normalizeAddress(`${'a'.repeat(64)}@example.com`)).toBeDefined();
    expect(normalizeAddress(`${'é'.repeat(32)}@example.com`)).toBeDefined();
    expect(normalizeAddress(`${'é'.repeat(33)}@example.com`)).toBeUndefined();
  });

  it('guarantees that whatever it gives is a form that it keeps, well-formed, without space or line end', () => {
    const text = fc.string({
      unit: fc.oneof(
        fc.constantFrom('a', '.', '@', '"', '[', ']', ':', '\\', ' ', '\r', '\n', '\ud800', 'é', '-'),
        fc.string({ unit: 'binary' }),
      ),
    });
    fc.assert(
      fc.property(fc.tuple(text, text), ([local, domain]) => {
        const form = normalizeAddress(`${local}@${domain}`);
        if (form === undefined) return;
        expect(normalizeAddress(form)).toBe(form);
        expect(form.isWellFormed()).toBe(true);
        expect(form).not.toMatch(/[\r\n\0]/);
        expect(domainOf(form)).toBe(normalizeDomain(domainOf(form)));
      }),
    );
  });
});

interface Sample {
  readonly address: string;
  readonly rfc5321Ok: boolean;
  readonly diagnosis: string;
}

/** Where we mean to differ: a dot behind a domain is how people write it; the shortest `::` is what programs write. */
const isTaken = ({ address, diagnosis }: Sample): boolean =>
  diagnosis === 'ISEMAIL_RFC5321_IPV6DEPRECATED' || (diagnosis === 'ISEMAIL_ERR_DOT_END' && address.endsWith('.'));
/** No top-level domain is a number: it would be an IPv4 address that somebody forgot to put into brackets. */
const isRefused = ({ diagnosis }: Sample): boolean => diagnosis === 'ISEMAIL_RFC5321_TLDNUMERIC';

describeWithCorpus('normalizeAddress, on the addresses of isemail', (folder) => {
  const lines = readFileSync(join(folder, 'attacks/addresses.jsonl'), 'utf8').trim().split('\n');
  const samples = lines.map((line) => JSON.parse(line) as Sample);

  it('takes what may stand in an SMTP path, and nothing else', () => {
    const expected = (sample: Sample): boolean => isTaken(sample) || (sample.rfc5321Ok && !isRefused(sample));
    const wrong = samples.filter((sample) => (normalizeAddress(sample.address) !== undefined) !== expected(sample));
    expect(wrong).toEqual([]);
    expect(samples.length).toBeGreaterThan(200);
  });
});

describe('domains', () => {
  it('are under themselves and those above them, by whole labels', () => {
    expect(isUnderDomain('mail.example.com', 'example.com')).toBe(true);
    expect(isUnderDomain('example.com', 'example.com')).toBe(true);
    expect(isUnderDomain('badexample.com', 'example.com')).toBe(false);
    expect(isUnderDomain('com', 'example.com')).toBe(false);
  });

  it('stand behind the last @', () => {
    expect(domainOf('"a@b"@example.com')).toBe('example.com');
  });

  it.each(['', '.', 'a..b', 'a b.example', 'a/b', 'a:25', 'a%41', '\u3002', `${'a'.repeat(64)}.example`])(
    'are not %j',
    (text) => {
      expect(normalizeDomain(text)).toBeUndefined();
    },
  );
});

describe('needsSmtpUtf8', () => {
  it('looks at the local part: domains are A-labels by then', () => {
    expect(needsSmtpUtf8(normalizeAddress('ann@bücher.example') ?? '')).toBe(false);
    expect(needsSmtpUtf8(normalizeAddress('jörg@example.com') ?? '')).toBe(true);
  });
});
