import { prependSubject } from './prepend-subject.js';

describe('a text before the subject', () => {
  it.each([
    ['[x] ', 'Figures', '[x] Figures'],
    ['[x]', 'Figures', '[x]Figures'],
    ['[x] ', '', '[x] '],
    ['[x] ', 'about [x]', '[x] about [x]'],
    ['[x] ', '[xy] Figures', '[x] [xy] Figures'],
    ['[x] ', 'Reward: [x]', '[x] Reward: [x]'],
    ['[x] ', 'Re: Figures', '[x] Re: Figures'],
  ])('%j goes before %j', (text, subject, expected) => {
    expect(prependSubject(text, subject)).toBe(expected);
  });

  it.each([
    '[x] Figures',
    '[X] Figures',
    '[x]',
    ' [x]Figures',
    'Re: [x] Figures',
    'RE: FW: [x] Figures',
    'AW: WG:[x] Figures',
    'Re[2]: [x] a',
    'SV: [x]',
  ])('does not stand twice: %j', (subject) => {
    expect(prependSubject('[x] ', subject)).toBe(subject);
  });

  it('is not slow before many prefixes', () => {
    const startedAt = performance.now();
    prependSubject('[x]', `${'Re: '.repeat(100_000)}x`);
    prependSubject('[x]', ' '.repeat(200_000));
    prependSubject('[x]', `re${' '.repeat(200_000)}`);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });
});
