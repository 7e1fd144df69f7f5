import { judge, outcomesOf, recordOf, senderOf } from '../fakes/samples.js';
import type { LeafCondition } from '../types.js';

const BOSS = 'Chief\u200b Exec\u00adutive\u202c';

async function matches(leaf: LeafCondition, subject: string | readonly string[], name = ''): Promise<boolean> {
  const record = recordOf(['ann@customer.example'], {
    message: { subject },
    headerFrom: [senderOf('sue@example.com', name)],
  });
  return outcomesOf(await judge([{ conditions: leaf }], record))[0] === 'matched';
}

describe('characters that nobody sees', () => {
  it.each<[string, string, string, boolean]>([
    ['containsWords', 'financial records', 'fin\u200bancial\u202e rec\u00adords', true],
    ['containsWords', 'secret', 'the\u2060secret\u2060plan', true],
    ['containsWords', 'secret', 'the\u2060secretplan', false],
    ['containsText', 'secret', 'top\u200fse\ufeffcret', true],
    ['startsWith', '[secure]', '\u202d[secure] x', true],
    ['endsWith', 'x', 'a x\u200e', true],
    ['equal', 'café', 'cafe\u200b\u0301', true],
    ['matches', '^\\d{4}-\\d{4}$', '12\u00ad34\u2060-5678', true],
    ['not:containsWords', 'secret', 'se\u200dcret', false],
    ['notEqual', 'secret', 'se\u200dcret', false],
    ['equal', 'secret', 'se\u0301cret', false],
    ['containsWords', 'con\u00adtoso', 'from contoso', true],
    ['containsText', 'می\u200cخواهم', 'نمیخواهم', true],
    ['startsWith', '\u200bsecret', 'Secret', true],
    ['equal', 'offer\u200e', '\u200eoffer', true],
    ['not:containsWords', 'con\u00adtoso', 'from contoso', false],
    ['containsText', '\u200b', 'contoso', false],
    ['containsText', ' \u200b', 'a b', false],
  ])('hide nothing from %s %j in %j', async (operator, value, subject, expected) => {
    expect(await matches({ fact: 'subject', operator, value }, subject)).toBe(expected);
  });

  it('can be asked for as they are written', async () => {
    const turns = {
      fact: 'sender.displayName',
      operator: 'matches',
      value: '[\\x{202a}-\\x{202e}\\x{2066}-\\x{2069}]',
    };
    expect(await matches(turns, '', BOSS)).toBe(true);
    expect(await matches(turns, '', 'Chief Executive')).toBe(false);
    const joiner = { fact: 'subject', operator: 'containsText', value: '\u200d' };
    expect(await matches(joiner, 'a\u200db')).toBe(true);
    expect(await matches(joiner, 'ab')).toBe(false);
  });

  it('make no other name of one, and no other element of a list', async () => {
    expect(await matches({ fact: 'sender.displayName', operator: 'equal', value: 'chief executive' }, '', BOSS)).toBe(
      true,
    );
    const lines = ['off\u00ader', 'x'];
    expect(await matches({ fact: 'subjectOrBody', operator: 'contains', value: 'offer' }, lines)).toBe(true);
    expect(await matches({ fact: 'subjectOrBody', operator: 'everyFact:containsText', value: 'offer' }, lines)).toBe(
      false,
    );
  });
});
