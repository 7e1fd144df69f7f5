import { Secret } from '#lib/core';
import { LoopMarks } from './loop-mark.js';

const secret = new Secret<Uint8Array>(Buffer.alloc(32, 7));
const marks = new LoopMarks(secret);
const digests = { bodySha256: 'ab'.repeat(32), headerSha256: '12'.repeat(32) };
const acceptedAt = new Date('2026-11-24T12:00:00.500Z');
const transmission = { ...digests, id: 'an-id', recipients: ['b@x.example', 'a@x.example'], acceptedAt };
const received = { ...digests, ids: ['an-id'], recipients: ['a@x.example', 'b@x.example'], receivedAt: acceptedAt };
const DAY_MS = 24 * 3_600_000;
const after = (ms: number): { receivedAt: Date } => ({ receivedAt: new Date(acceptedAt.getTime() + ms) });

describe('loop marks', () => {
  it('are known again, in whatever order the recipients come', () => {
    const mark = marks.write(transmission);
    expect(mark).toMatch(/^[0-9a-f]{16}; v=2; t=1795521600; h=[A-Za-z0-9_-]{43}$/);
    expect(marks.validOf([mark], received)).toEqual([mark]);
    expect(marks.validOf([` ${mark} `], { ...received, ids: ['other', ' an-id'] })).toHaveLength(1);
  });

  it.each([
    ['another id', { ...received, ids: ['another-id'] }],
    ['no id', { ...received, ids: [] }],
    ['other recipients', { ...received, recipients: ['a@x.example'] }],
    ['one recipient more', { ...received, recipients: [...received.recipients, 'c@x.example'] }],
    ['another body', { ...received, bodySha256: 'cd'.repeat(32) }],
    ['another header', { ...received, headerSha256: 'cd'.repeat(32) }],
  ])('guarantees that a mark copied into mail with %s means nothing', (_name, other) => {
    expect(marks.validOf([marks.write(transmission)], other)).toEqual([]);
  });

  it('guarantees that a mark means something for seven days only, and nobody can make it younger', () => {
    const mark = marks.write(transmission);
    expect(marks.validOf([mark], { ...received, ...after(7 * DAY_MS - 1_000) })).toEqual([mark]);
    expect(marks.validOf([mark], { ...received, ...after(7 * DAY_MS + 1_000) })).toEqual([]);
    const younger = mark.replace('t=1795521600', 't=1795607999');
    expect(marks.validOf([younger], { ...received, ...after(7 * DAY_MS + 1_000) })).toEqual([]);
  });

  it('guarantees that marks of version 1 mean nothing', () => {
    expect(marks.validOf([marks.write(transmission).replace('v=2; t=1795521600', 'v=1')], received)).toEqual([]);
  });

  it.each([
    ['another instance', new LoopMarks(new Secret<Uint8Array>(Buffer.alloc(32, 8))).write(transmission)],
    ['a guess', `${marks.instance}; v=2; t=1795521600; h=${'A'.repeat(43)}`],
    ['no mark at all', 'hello'],
    ['a long value', 'x'.repeat(100_000)],
  ])('does not take %s for ours', (_name, value) => {
    expect(marks.validOf([value], received)).toEqual([]);
  });

  it('looks at a limited number of them', () => {
    const mark = marks.write(transmission);
    expect(
      marks.validOf(
        Array.from({ length: 1_000 }, () => mark),
        received,
      ).length,
    ).toBeLessThan(20);
  });

  it('does not tell the secret by the name of the instance', () => {
    expect(marks.instance).not.toContain('07070707');
    expect(new LoopMarks(secret).instance).toBe(marks.instance);
  });
});
