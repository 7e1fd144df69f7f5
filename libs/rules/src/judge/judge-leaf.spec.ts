import { compileLeaf } from '../language/leaf.js';
import { validateRule } from '../save/validate-rule.js';
import type { LeafCondition } from '../types.js';
import { Budget } from './budget.js';
import { judgeLeaf, type LeafResult } from './judge-leaf.js';
import type { Elements } from './read-fact.js';
import { TextForms } from './text-forms.js';

type Value = string | number | boolean;

const means = (isSpent = false) => ({
  forms: new TextForms(),
  budget: new Budget(isSpent ? -1 : 1, () => 0),
});

function judge(condition: LeafCondition, elements: Elements | readonly Value[], isSpent = false): LeafResult {
  expect(validateRule({ name: 'x', conditions: condition, actions: [{ type: 'stop' }] })).not.toHaveProperty(
    'problems',
  );
  const given = Array.isArray(elements) ? { items: elements as readonly Value[] } : (elements as Elements);
  return judgeLeaf(compileLeaf(0, condition), given, means(isSpent));
}

function truth(fact: string, operator: string, value: unknown, elements: readonly Value[], params = {}): unknown {
  return judge({ fact, operator, ...(value === undefined ? {} : { value }), params }, elements).truth;
}

describe('an operator', () => {
  it.each([
    ['subject', 'equal', 'hello', ['HELLO'], true],
    ['subject', 'equal', 'hello', ['hello '], false],
    ['subject', 'containsText', 'ell', ['Hello'], true],
    ['subject', 'startsWith', 'HE', ['hello'], true],
    ['subject', 'endsWith', 'LO', ['hello'], true],
    ['subject', 'containsWords', 'hello world', ['Hello,  world: hello\tWORLD!'], true],
    ['subject', 'matches', '^h.l+o$', ['Hello'], true],
    ['subject', 'in', ['x', 'hello'], ['Hello'], true],
    ['sender.address', 'equal', 'Ann@Bücher.example', ['ann@xn--bcher-kva.example'], true],
    ['sender.address', 'endsWith', '@bücher.example', ['ann@xn--bcher-kva.example'], true],
    ['recipient.address', 'endsWith', 'bücher.example', ['ann@xn--bcher-kva.example'], true],
    ['recipient.address', 'endsWith', '.BÜCHER.example', ['ann@shop.xn--bcher-kva.example'], true],
    ['recipient.address', 'startsWith', 'müller@bücher.', ['müller@xn--bcher-kva.example'], true],
    ['recipient.address', 'containsText', 'müller', ['müller@example.com'], true],
    ['recipient.address', 'containsText', 'bücher', ['ann@xn--bcher-kva.example'], true],
    ['recipient.address', 'containsText', 'bücher', ['bücher@bücher'], true],
    ['recipient.address', 'containsText', '@bücher', ['bücher@xn--bcher.example'], false],
    ['recipient.address', 'containsWords', 'bücher', ['ann@shop.xn--bcher-kva.example'], true],
    ['recipient.domain', 'endsWith', '.bücher.example', ['shop.xn--bcher-kva.example'], true],
    ['recipient.domain', 'endsWith', '.bücher.example', ['xn--bcher-kva.example'], false],
    ['recipient.domain', 'startsWith', 'bücher.', ['xn--bcher-kva.example'], true],
    ['recipient.domain', 'endsWith', '。例え。テスト', ['shop.xn--r8jz45g.xn--zckzah'], true],
    ['recipient.domain', 'startsWith', '-bücher', ['-bücher.example'], true],
    ['recipient.address', 'equal', 'νίκος@example.gr', ['νίκος@example.gr'], true],
    ['recipient.address', 'equal', 'ΝΊΚΟΣ@example.gr', ['νίκοσ@example.gr'], true],
    ['recipient.address', 'equal', 'boss@example.com', ['bo\u017fs@example.com'], true],
    ['recipient.address', 'equal', '\u212aim@example.com', ['kim@example.com'], true],
    ['to', 'contains', 'νίκος@example.gr', ['νίκος@example.gr'], true],
    ['sender.address', 'containsWords', 'bob', ['bob@example.com'], true],
    ['sender.address', 'underDomain', 'example.com', ['bob@mail.example.com'], true],
    ['sender.address', 'underDomain', 'example.com', ['bob@badexample.com'], false],
    ['sender.address', 'underDomain', 'bücher.example', [`${'x'.repeat(65)}@shop.bücher.example`], true],
    ['to', 'underDomain', 'example.com', ['a b@example.com.'], true],
    ['sender.domain', 'underDomain', 'Example.COM', ['example.com'], true],
    ['sender.domain', 'underDomain', 'bücher.example', ['shop.xn--bcher-kva.example'], true],
    ['sender.domain', 'equal', 'example.com', ['mail.example.com'], false],
    ['sender.ip', 'inCidr', '192.0.2.0/24', ['192.0.2.9'], true],
    ['sender.ip', 'inCidr', ['10.0.0.0/8', '2001:db8::/32'], ['2001:db8::9'], true],
    ['sender.ip', 'inCidr', 'fe80::/10', ['fe80::1%eth0'], true],
    ['sender.ip', 'inCidr', 'fe80::1%eth1', ['fe80::1%eth0'], true],
    ['sender.ip', 'equal', '2001:db8:0::1', ['2001:db8::1'], true],
    ['message.sizeBytes', 'greaterThan', 10, [10], false],
    ['message.sizeBytes', 'greaterThanInclusive', 10, [10], true],
    ['message.sizeBytes', 'lessThan', 10, [9], true],
    ['message.sizeBytes', 'lessThanInclusive', 10, [11], false],
    ['message.sizeBytes', 'in', [1, 2], [2], true],
    ['attachment.sizesBytes', 'greaterThan', 10, [1, 11], true],
    ['sender.isAuthenticated', 'equal', true, [true], true],
    ['sender.isAuthenticated', 'notEqual', true, [true], false],
    ['attachment.types', 'contains', 'Application/PDF', ['application/pdf'], true],
    ['message.type', 'contains', 'signed', ['signed', 'encrypted'], true],
  ] as const)('%s %s %j of %j: %s', (fact, operator, value, elements, expected) => {
    expect(truth(fact, operator, value, elements)).toBe(expected);
  });

  it.each([
    ['equal', 'secret', false],
    ['equal', 'Secret', true],
    ['containsText', 'sec', false],
    ['matches', 'secret', false],
    ['containsWords', 'Secret', true],
    ['containsWords', 'SECRET', false],
    ['startsWith', 'Sec', true],
  ])('heeds case where told to: %s %j', (operator, value, expected) => {
    expect(truth('subject', operator, value, ['Secret'], { caseSensitive: true })).toBe(expected);
  });
});

describe('a fact that the message does not have', () => {
  it.each(['equal', 'containsText', 'startsWith', 'endsWith', 'containsWords', 'matches', 'everyValue:containsWords'])(
    'makes %s false and its negation true',
    (operator) => {
      expect(truth('subject', operator, 'x', [])).toBe(false);
      expect(truth('subject', `not:${operator}`, 'x', [])).toBe(true);
    },
  );

  it.each([
    ['notEqual', 'x', true],
    ['notIn', ['x'], true],
    ['in', ['x'], false],
    ['exists', true, false],
    ['exists', undefined, false],
    ['exists', false, true],
    ['not:exists', true, true],
    ['not:exists', false, false],
  ])('answers %s %j with %s', (operator, value, expected) => {
    expect(truth('subject', operator, value, [])).toBe(expected);
  });

  it.each(['lessThan', 'lessThanInclusive', 'greaterThan', 'greaterThanInclusive', 'equal'])(
    'is no number that %s could hold of',
    (operator) => {
      expect(truth('message.sizeBytes', operator, 0, [])).toBe(false);
    },
  );
});

describe('a list', () => {
  const names = ['report.pdf', 'secret.pdf'];
  it.each([
    ['containsText', 'secret', true, 'of one element'],
    ['not:containsText', 'secret', false, 'of none'],
    ['not:containsText', 'draft', true, 'of none'],
    ['everyFact:containsText', 'pdf', true, 'of all'],
    ['everyFact:containsText', 'secret', false, 'of all'],
    ['not:everyFact:containsText', 'secret', true, 'not of all'],
    ['everyFact:not:containsText', 'secret', false, 'of no element'],
    ['someFact:not:containsText', 'secret', true, 'of some element not'],
    ['containsText', ['draft', 'secret'], true, 'any of the values'],
    ['everyValue:containsText', ['report', 'secret'], true, 'all values, each of one element'],
    ['everyValue:containsText', ['report', 'draft'], false, 'all values, each of one element'],
    ['everyFact:containsText', ['report', 'secret'], true, 'of all elements, any of the values'],
    ['everyValue:everyFact:containsText', ['pdf', 'e'], true, 'all values of all elements'],
    ['everyFact:everyValue:containsText', ['pdf', 'secret'], false, 'all values of all elements'],
    ['contains', 'REPORT.PDF', true, 'membership'],
    ['contains', 'report', false, 'membership'],
    ['doesNotContain', 'secret.pdf', false, 'membership'],
    ['doesNotContain', ['a', 'b'], true, 'membership'],
    ['notEqual', 'secret.pdf', false, 'the negation: of none'],
    ['notIn', ['secret.pdf'], false, 'the negation: of none'],
    ['someFact:notEqual', 'secret.pdf', true, 'some element is another'],
  ])('%s %j is %s (%s)', (operator, value: unknown, expected, _meaning) => {
    expect(truth('attachment.names', operator, value, names)).toBe(expected);
  });

  it.each([
    ['everyFact:containsText', true],
    ['everyFact:not:containsText', true],
    ['someFact:containsText', false],
    ['someFact:not:containsText', false],
    ['not:everyFact:containsText', false],
    ['contains', false],
    ['doesNotContain', true],
  ])('that is empty answers %s with %s', (operator, expected) => {
    expect(truth('attachment.names', operator, 'x', [])).toBe(expected);
  });
});

describe('evidence', () => {
  it.each([
    [
      'the words that were found',
      { fact: 'subject', operator: 'containsWords', value: ['foo', 'bar', 'baz'] },
      ['foo bar'],
      ['foo', 'bar'],
    ],
    ['what a pattern matched', { fact: 'subject', operator: 'matches', value: '\\d+' }, ['call 112 or 911'], ['112']],
    [
      'the value that is equal',
      { fact: 'recipient.scope', operator: 'equal', value: 'EXTERNAL' },
      ['external'],
      ['external'],
    ],
    ['the network', { fact: 'sender.ip', operator: 'inCidr', value: '192.0.2.0/24' }, ['192.0.2.7'], ['192.0.2.0/24']],
    ['what is there', { fact: 'header', operator: 'exists', params: { name: 'X-A' } }, ['1', '2'], ['1', '2']],
    ['nothing for a negation', { fact: 'subject', operator: 'notEqual', value: 'x' }, ['y'], []],
    [
      'nothing for what is false',
      { fact: 'subject', operator: 'everyValue:containsWords', value: ['a', 'b'] },
      ['a'],
      [],
    ],
    ['something for a double negation', { fact: 'subject', operator: 'not:notEqual', value: 'x' }, ['x'], ['x']],
  ] as const)('is %s', (_name, condition, elements, evidence) => {
    expect(judge(condition as LeafCondition, elements as readonly Value[]).evidence).toEqual(evidence);
  });

  it('is short', () => {
    const many = Array.from({ length: 50 }, (_, index) => `${'x'.repeat(300)}${index}`);
    const { evidence } = judge({ fact: 'attachment.names', operator: 'exists' }, many);
    expect(evidence).toEqual(['x'.repeat(200)]);
    const words = Array.from({ length: 50 }, (_, index) => `w${index}`);
    expect(
      judge({ fact: 'subject', operator: 'containsWords', value: words }, [words.join(' ')]).evidence,
    ).toHaveLength(20);
  });
});

describe('an error', () => {
  const condition = { fact: 'attachment.names', operator: 'matches', value: ['(?:a?){400}x', 'pdf'] };
  const long = 'a'.repeat(600_000);

  it('of a fact is the error of the condition, negated or not', () => {
    for (const operator of ['equal', 'notEqual', 'exists', 'not:exists', 'everyFact:equal']) {
      const value = operator.includes('exists') ? true : 'x';
      expect(judge({ fact: 'attachment.names', operator, value }, { errorCode: 'ERR_AWAY' }).truth).toBe('ERR_AWAY');
    }
  });

  it('of one pattern does not hide what another found', () => {
    expect(judge(condition, [long, 'a.pdf'])).toEqual({ truth: true, evidence: ['pdf'] });
  });

  it('of one pattern is never a match, whatever negates it', () => {
    for (const operator of [
      'matches',
      'not:matches',
      'everyFact:matches',
      'everyFact:not:matches',
      'not:everyFact:not:matches',
    ]) {
      expect([operator, judge({ ...condition, operator }, [long]).truth]).toEqual([operator, 'ERR_PATTERN_LIMIT']);
    }
  });

  it('is the end of the time budget', () => {
    expect(judge({ fact: 'subject', operator: 'equal', value: 'x' }, ['x'], true).truth).toBe('ERR_JUDGE_BUDGET');
    expect(judge({ fact: 'subject', operator: 'notEqual', value: 'x' }, ['x'], true).truth).toBe('ERR_JUDGE_BUDGET');
  });

  it('is the end of the time budget between values, unless one was found before', () => {
    let calls = 0;
    const budget = new Budget(3, () => calls++);
    const leaf = compileLeaf(0, { fact: 'subject', operator: 'containsText', value: ['a', 'b', 'c', 'd', 'e'] });
    expect(judgeLeaf(leaf, { items: ['x'] }, { forms: new TextForms(), budget }).truth).toBe('ERR_JUDGE_BUDGET');
    calls = 0;
    const found = new Budget(3, () => calls++);
    expect(judgeLeaf(leaf, { items: ['a'] }, { forms: new TextForms(), budget: found }).truth).toBe(true);
  });
});
