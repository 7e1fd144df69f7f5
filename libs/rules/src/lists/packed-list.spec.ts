import { finished, packed } from '../fakes/packed.js';
import { ListBuilder } from './list-builder.js';
import { openPackedList } from './packed-list.js';
import type { ListType } from '../types.js';

const SHA256 = 'b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9';

describe('a packed list', () => {
  it.each<[ListType, string[], string[], string[]]>([
    [
      'addresses',
      ['Ann@Clinic.Example', 'o@bücher.example', '"a b"@x.example'],
      ['ann@clinic.example', 'o@xn--bcher-kva.example', '"a b"@x.example'],
      ['ann@clinic.exampl', 'nn@clinic.example', 'ann@clinic.example.', ''],
    ],
    ['domains', ['Example.COM', 'bücher.example'], ['example.com', 'xn--bcher-kva.example'], ['com', 'a.example.com']],
    ['hashes', [SHA256.toUpperCase()], [SHA256], [SHA256.slice(1), SHA256.replace('b', 'c'), SHA256.replace('b', 'x')]],
    ['words', ['Straße', 'two\t words'.replace('\t', ' ')], ['straße', 'two words'], ['strasse', 'two', 'words']],
  ])('of %s has its entries, in the form in which elements are compared', (type, entries, inside, outside) => {
    const { list, count } = packed(type, entries);
    expect(count).toBe(entries.length);
    expect(inside.map((entry) => list.has(entry))).toEqual(inside.map(() => true));
    expect(outside.map((entry) => list.has(entry))).toEqual(outside.map(() => false));
  });

  it('is empty without entries', () => {
    const { list } = packed('words', []);
    expect(list.has('a')).toBe(false);
    expect(list.findWords('a b c')).toEqual([]);
    expect(list.page(null, 10)).toEqual([]);
  });

  it('is the same whatever the order of its entries, and has each once', () => {
    const entries = Array.from({ length: 1_000 }, (_none, n) => `user${n}@host${n % 7}.example`);
    const one = packed('addresses', entries);
    const other = packed('addresses', [...entries].reverse().concat(entries));
    expect(other.sha256).toBe(one.sha256);
    expect(other.count).toBe(1_000);
  });

  it('has its entries when it is long', () => {
    const { list } = packed(
      'addresses',
      Array.from({ length: 20_000 }, (_none, n) => `user${n}@host${n % 97}.example`),
    );
    for (let n = 0; n < 20_000; n += 1) {
      if (!list.has(`user${n}@host${n % 97}.example`) || list.has(`user${n}@host${(n + 1) % 97}.example`)) {
        throw new Error(`wrong about ${n}`);
      }
    }
  });

  it('gives its entries in pages, in the order of their bytes', () => {
    const { list } = packed('words', ['b', 'a', 'ä', 'ab', 'abc', 'x', 'y', 'z', 'zebra', 'zoo', '日本']);
    const pages: string[][] = [];
    for (let after: string | null = null; ;) {
      const page: readonly string[] = list.page(after, 4);
      if (page.length === 0) break;
      pages.push([...page]);
      after = page.at(-1) ?? null;
    }
    expect(pages).toEqual([
      ['a', 'ab', 'abc', 'b'],
      ['x', 'y', 'z', 'zebra'],
      ['zoo', 'ä', '日本'],
    ]);
    // An entry that is not there has its place all the same.
    expect(list.page('aba', 2)).toEqual(['abc', 'b']);
    expect(list.page('zzz', 2)).toEqual(['ä', '日本']);
  });

  it('becomes another without some of its entries and with new ones', () => {
    const { list } = packed('addresses', ['a@x.example', 'b@x.example', 'c@x.example']);
    const builder = new ListBuilder('addresses');
    finished(builder.addAll(list, new Set(['b@x.example', 'nobody@x.example'])));
    expect([builder.add('d@x.example'), builder.add('a@x.example')]).toEqual(['added', 'known']);
    expect(finished(builder.packing()).sha256).toBe(
      packed('addresses', ['a@x.example', 'c@x.example', 'd@x.example']).sha256,
    );
  });

  it.each<[ListType, string]>([
    ['addresses', 'is not a mail address'],
    ['domains', 'is not a domain'],
    ['hashes', 'is not a hash: hex of MD5, SHA-1, SHA-256, SHA-384 or SHA-512'],
  ])('of %s takes nothing else', (type, problem) => {
    expect(new ListBuilder(type).add('ann at clinic')).toEqual({ problem });
  });

  it.each([
    ['a\u0007b', 'has control characters'],
    ['a\tb', 'has control characters'],
    ['  ', 'is empty'],
    ['\u200b\u00ad', 'has nothing that can be seen'],
    ['a\ufffdb', 'is not whole text'],
    ['a\ud800', 'is not whole text'],
    ['x'.repeat(201), 'has more than 200 characters'],
    ['x'.repeat(1_001), 'has more than 1000 characters'],
    ['1 2 3 4 5 6 7 8 9', 'has more than 8 words'],
  ])('of words refuses %j', (entry, problem) => {
    expect(new ListBuilder('words').add(entry)).toEqual({ problem });
  });

  it('says when it is full', () => {
    const builder = new ListBuilder('words', 3);
    expect(['a', 'b', 'a', 'c', 'd', 'a'].map((word) => builder.add(word))).toEqual([
      'added',
      'added',
      'known',
      'added',
      'full',
      'known',
    ]);
  });
});

describe('a buffer that is damaged', () => {
  const { reference, bytes } = packed('words', [
    'one',
    'two',
    'three',
    'four',
    'five',
    'six',
    'seven',
    'eight',
    'nine',
  ]);
  const open = (change: (copy: Uint8Array) => Uint8Array): (() => unknown) => {
    const copy = change(Uint8Array.from(bytes));
    const shared = new SharedArrayBuffer(copy.length);
    new Uint8Array(shared).set(copy);
    return () => openPackedList(reference, shared);
  };
  const damaged = expect.objectContaining({ code: 'ERR_LIST_DAMAGED' });

  it.each([
    ['is empty', () => new Uint8Array(0)],
    ['is too short for a header', (copy: Uint8Array) => copy.subarray(0, 7)],
    ['lacks its end', (copy: Uint8Array) => copy.subarray(0, -1)],
    ['has a longer end', (copy: Uint8Array) => Uint8Array.from([...copy, 0])],
    ['begins with something else', (copy: Uint8Array) => copy.fill(0, 0, 1)],
    ['is of zeros', (copy: Uint8Array) => copy.fill(0)],
    ['is of another type', (copy: Uint8Array) => copy.fill(0, 4, 5)],
    ['has another count', (copy: Uint8Array) => copy.fill(8, 8, 9)],
    ['has blocks out of order', (copy: Uint8Array) => copy.fill(0xff, 4 * 13, 4 * 14)],
  ])('is refused where it %s', (_name, change) => {
    expect(open(change)).toThrow(damaged);
  });

  it('never does more than answer or say so, wherever it is damaged', () => {
    for (let at = 0; at < bytes.length; at += 1) {
      for (const value of [0x00, 0x7f, 0xff]) {
        const act = open((copy) => copy.fill(value, at, at + 1));
        try {
          const list = act() as ReturnType<typeof openPackedList>;
          for (const word of ['one', 'nine', 'none']) list.has(word);
          list.findWords('one two three and none at all');
          list.page('f', 20);
        } catch (error) {
          expect(error).toEqual(damaged);
        }
      }
    }
  });
});
