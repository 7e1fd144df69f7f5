import { TAG, checkDerShape, der, derChildren, derHeader, readDer } from './der.js';

describe('DER', () => {
  it.each([
    [0, '3000'],
    [127, '307f'],
    [128, '308180'],
    [255, '3081ff'],
    [256, '30820100'],
    [65_536, '3083010000'],
    [2 ** 32, '30850100000000'],
    [2 ** 40 + 5, '3086010000000005'],
  ])('writes the shortest header for %d bytes', (length, hex) => {
    expect(derHeader(TAG.sequence, length).toString('hex')).toBe(hex);
  });

  it('reads what it wrote', () => {
    const bytes = der(TAG.sequence, der(TAG.octetString, Buffer.alloc(300)), der(TAG.integer, Buffer.from([5])));
    const [first, second, ...more] = derChildren(bytes, readDer(bytes, 0, bytes.length));
    expect([first?.tag, first && first.end - first.content, second?.tag, more.length]).toEqual([
      TAG.octetString,
      300,
      TAG.integer,
      0,
    ]);
  });

  it.each([
    ['nothing', ''],
    ['a header cut short', '30'],
    ['a length cut short', '3082ff'],
    ['a length that lies', '3005010203'],
    ['a length of four gigabytes', '3084ffffffff'],
    ['an indefinite length', '30800000'],
    ['a tag of several bytes', '1f8101020304'],
    ['bytes after the end', '300000'],
    ['a child longer than its parent', '3003040500'],
  ])('refuses %s', (_, hex) => {
    expect(() => checkDerShape(Buffer.from(hex, 'hex'), { depthMax: 10, elementsMax: 10 })).toThrow(RangeError);
  });

  it('refuses what is nested too deep or has too many elements, without recursion', () => {
    const parts = [der(TAG.octetString)];
    for (let depth = 0, size = 2; depth < 20_000; depth++) {
      const header = derHeader(TAG.sequence, size);
      parts.push(header);
      size += header.length;
    }
    const deep = Buffer.concat(parts.reverse());
    expect(() => checkDerShape(deep, { depthMax: 24, elementsMax: 100_000 })).toThrow('too deep');
    const many = der(TAG.sequence, Buffer.alloc(2_000, Buffer.from('0400', 'hex')));
    expect(() => checkDerShape(many, { depthMax: 24, elementsMax: 999 })).toThrow('too many');
    checkDerShape(many, { depthMax: 1, elementsMax: 1_001 });
  });
});
