import { bounded } from '../../../../test/support/bounded.js';
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
    ['offer ', 'offers of today', 'offer offers of today'],
    ['offer', 'Re: offer2', 'offerRe: offer2'],
    ['[x] ', `${'Re: '.repeat(11)}[x]`, `[x] ${'Re: '.repeat(11)}[x]`],
    ['[x] ', 'See figures: [x]', '[x] See figures: [x]'],
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
    'Re [2] : [x]',
    'RE[12]:AW[2]: [x] a',
    '回复：[x] a',
    '答复: 转发： [x]',
    'ΑΠ: [x] a',
    'Odp: Ynt : [x]',
    'НА: [x]',
    `${'Re: '.repeat(10)}[x]`,
  ])('does not stand twice: %j', (subject) => {
    expect(prependSubject('[x] ', subject)).toBe(subject);
  });

  it('that ends in letters stands there as a whole', () => {
    for (const subject of ['Offer of today', 'Re: offer: today', 'offer', 'OFFER-2']) {
      expect(prependSubject('offer ', subject)).toBe(subject);
    }
    expect(prependSubject('EXT: ', 'Re: ext: Figures')).toBe('Re: ext: Figures');
  });

  it.each([
    ['prefixes', `${'Re: '.repeat(500_000)}x`],
    ['spaces', ' '.repeat(1_000_000)],
    ['spaces behind a prefix', `re${' '.repeat(1_000_000)}`],
    ['spaces within', `re${' '.repeat(1_000_000)}x`],
  ])('takes linear time before a megabyte of %s', (_name, subject) => {
    expect(bounded(() => prependSubject('[x]', subject)) === `[x]${subject}`).toBe(true);
  });
});
