import { compileTree, LeafTable } from '../compile/tree.js';
import { PatternRoom } from '../text/pattern-room.js';
import type { Condition, LeafCondition } from '../types.js';
import { requirementOf } from './requirement.js';

const word = (value: unknown, operator = 'containsWords', fact = 'subject'): LeafCondition => ({
  fact,
  operator,
  value,
});
const LARGE: LeafCondition = { fact: 'message.sizeBytes', operator: 'greaterThan', value: 1_000 };
const OUTSIDE: LeafCondition = { fact: 'recipient.scope', operator: 'equal', value: 'external' };

/** What is required, as path and needs: `/conditions/all/0 secret|words`. */
function required(condition: Condition): readonly string[] | undefined {
  const requirement = requirementOf(compileTree(condition, '/conditions', new LeafTable(new PatternRoom())));
  return requirement?.map(({ path, needs }) => {
    const said = needs.map((need) => {
      switch (need.kind) {
        case 'needle':
          return `${need.needle.text}${need.needle.isWord ? ' (word)' : ''}`;
        case 'whole':
          return `=${need.text}`;
        case 'domain':
          return `@${need.parent}`;
        case 'number':
          return `${need.order} ${need.value}`;
        case 'present':
          return 'present';
      }
    });
    return `${path} ${said.join('|')}`;
  });
}

describe('the requirement', () => {
  it.each<[string, Condition, readonly string[] | undefined]>([
    ['words', word(['Secret', 'top secret plan']), ['/conditions secret (word)|secret (word)']],
    ['a part', word('Secret', 'containsText'), ['/conditions secret']],
    ['a start', word('[X]', 'startsWith'), ['/conditions [x]']],
    ['a text that is seen as another', word('sec\u00adret', 'endsWith'), ['/conditions sec\u00adret|secret']],
    ['a whole text', word('Secret', 'equal'), ['/conditions =secret']],
    ['a pattern', word('se(?:cret|allow)s', 'matches'), ['/conditions cret|allow']],
    ['a pattern that tells nothing', word('\\d+', 'matches'), ['/conditions present']],
    ['a domain', word('Example.com', 'underDomain', 'sender.domain'), ['/conditions @example.com']],
    ['an address', word('Ann@Example.com', 'equal', 'to'), ['/conditions =ann@example.com']],
    [
      'part of an address in other letters',
      word('.b\u00fccher.example', 'endsWith', 'to'),
      ['/conditions .b\u00fccher.example|.xn--bcher-kva.example'],
    ],
    ['a size', LARGE, ['/conditions greaterThan 1000']],
    ['presence', { fact: 'header', operator: 'exists', params: { name: 'X' } }, ['/conditions present']],
    ['absence', { fact: 'header', operator: 'exists', value: false, params: { name: 'X' } }, undefined],
    ['a negative operator', word('x', 'notEqual'), undefined],
    ['not:', word('x', 'not:containsText'), undefined],
    ['everyFact:', word('x', 'everyFact:containsText', 'attachment.names'), undefined],
    ['everyValue:', word(['x', 'longer'], 'everyValue:containsText'), ['/conditions longer']],
    ['not', { not: word('x') }, undefined],
    ['all of nothing', { all: [] }, undefined],
    [
      'all: the part that is least likely',
      { all: [OUTSIDE, word('secret'), LARGE, { not: LARGE }] },
      ['/conditions/all/1 secret (word)'],
    ],
    [
      'any: every part',
      { any: [word('secret'), { all: [OUTSIDE, LARGE] }] },
      ['/conditions/any/0 secret (word)', '/conditions/any/1/all/1 greaterThan 1000'],
    ],
    ['any: nothing where one part has none', { any: [word('secret'), { not: LARGE }] }, undefined],
    ['half a surrogate pair', word('x\ud83d', 'containsText'), ['/conditions present']],
    ['a text that is long', word('x'.repeat(100), 'containsText'), [`/conditions ${'x'.repeat(32)}`]],
  ])('of %s', (_name, condition, expected) => {
    expect(required(condition)).toEqual(expected);
  });
});
