import { inOneGo } from '../compile/steps.js';
import { compileLeaf } from '../language/leaf.js';
import { TextForms } from '../judge/text-forms.js';
import type { LeafCondition } from '../types.js';
import { prefilterInSteps } from './prefilter.js';
import { TextHits } from './text-hits.js';

/** From where on the only value of a condition may be found, and what looking from there on finds. */
function look(condition: LeafCondition, text: string): readonly [number, string | undefined] {
  const leaf = compileLeaf(0, condition);
  const forms = new TextForms();
  const [target] = leaf.targets;
  if (target === undefined) throw new Error('no value');
  const start = new TextHits(inOneGo(prefilterInSteps([], [leaf])), forms).startOf(target, text);
  const hit = start < 0 ? null : target(text, forms, start);
  return [start, hit !== null && 'evidence' in hit ? hit.evidence : undefined];
}

const ofSubject = (operator: string, value: string, params = {}): LeafCondition => ({
  fact: 'subject',
  operator,
  value,
  params,
});

describe('hits', () => {
  it.each<[string, LeafCondition, string, readonly [number, string | undefined]]>([
    ['a part', ofSubject('containsText', 'cret'), 'a secret', [4, 'cret']],
    ['a part that is not there', ofSubject('containsText', 'cret'), 'a secre', [-1, undefined]],
    ['a part with another case', ofSubject('containsText', 'CRET', { caseSensitive: true }), 'cret CRET', [0, 'CRET']],
    ['a word behind one that it begins', ofSubject('containsWords', 'sec'), 'secret sec', [7, 'sec']],
    ['a word that only other letters join', ofSubject('containsWords', 'sec'), 'secé sec', [0, 'sec']],
    ['a phrase with other space', ofSubject('containsWords', 'top secret'), 'x \t top\r\nsecret', [9, 'top secret']],
    ['a value that is seen as another', ofSubject('containsWords', 'a\u00adb'), 'ab a\u00adbé', [0, 'ab']],
    ['a pattern', ofSubject('matches', 'se.?cret\\d'), 'x secret1', [4, 'secret1']],
    ['a pattern without its literal', ofSubject('matches', 'se.?cret\\d'), 'x secre1', [-1, undefined]],
    ['what has no needle', ofSubject('equal', 'x'), 'x', [0, 'x']],
  ])('say where to look for %s', (_name, condition, text, expected) => {
    expect(look(condition, text)).toEqual(expected);
  });
});
