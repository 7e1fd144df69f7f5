import fc from 'fast-check';
import { ADDRESSES, among, OTHERS } from './world-actions.js';

/** Few words and headers, so that rules meet. */
export const WORDS = ['secret', 'STRAßE', 'Kelvin', 'ςigma', '東京', '비밀', 'İstanbul', 'offer', '[x]'];
/** What is nearly one of the words, or one of them in another form. */
export const NEARLY = [
  'secre',
  'secrets',
  'ecret',
  'elvin',
  'KELVI',
  'strasse',
  'sigm',
  '[x',
  'x]',
  'off\u0065r',
  '\u017fecret',
];
const HEADERS = ['X-Tag', 'X-Other', 'Importance', 'X-Classification'];

const values = (one: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof(one, fc.array(one, { minLength: 1, maxLength: 3 }));
const negatable = (operator: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.tuple(among('', '', '', 'not:', 'everyValue:', 'not:everyValue:'), operator).map((parts) => parts.join(''));
const ofList = (operator: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.tuple(among('', '', 'everyFact:', 'someFact:', 'not:everyFact:'), operator).map((parts) => parts.join(''));

const word = fc.constantFrom(
  ...WORDS,
  'sec',
  'straße',
  'k',
  'Σigma',
  '京',
  'x',
  'secrets',
  'elvi',
  'secret offer',
  'x] se\u00adc',
);
const textOperator = negatable(among('containsWords', 'containsText', 'startsWith', 'endsWith'));

/** Questions about the message and its recipients. */
export const leaf = fc
  .oneof(
    fc.record({
      fact: among('subject', 'body', 'sender.displayName', 'recipient.displayName'),
      operator: textOperator,
      value: values(word),
      params: among({}, {}, { caseSensitive: true }),
    }),
    fc.record({
      fact: among(
        'sender.displayName',
        'recipient.displayName',
        'sender.address',
        'subject',
        'body',
        'to',
        'sender.ip',
      ),
      operator: among('exists', 'not:exists'),
      value: fc.boolean(),
    }),
    fc.record({
      fact: fc.constant('sender.address'),
      operator: among('equal', 'notEqual', 'in', 'notIn'),
      value: fc.subarray(['sue@example.com', 'TOM@Other.example', 'nobody@example.com'], { minLength: 1 }),
      params: fc.record({ from: among('header', 'envelope', 'either') }),
    }),
    fc.record({
      fact: fc.constant('sender.ip'),
      operator: among('inCidr', 'not:inCidr'),
      value: values(among('192.0.2.0/24', '192.0.0.0/9', '198.51.100.7/32')),
    }),
    fc.record({
      fact: fc.constant('message.importance'),
      operator: among('equal', 'notEqual'),
      value: among('high', 'normal', 'low'),
    }),
    fc.record({
      fact: fc.constant('message.sensitivity'),
      operator: among('equal', 'notEqual'),
      value: among('normal', 'private', 'companyConfidential'),
    }),
    fc.record({
      fact: fc.constant('message.classification'),
      operator: ofList(among('contains', 'doesNotContain', 'startsWith')),
      value: values(among('Secret', 'Internal', '1')),
    }),
    fc.record({
      fact: among('message.spamScore', 'time.hour'),
      operator: among('equal', 'lessThan', 'greaterThanInclusive', 'notEqual'),
      value: among(3, 7, 13),
    }),
    fc.record({
      fact: fc.constant('time.weekday'),
      operator: among('in', 'notIn'),
      value: among(['tuesday'], ['monday']),
    }),
    fc.record({
      fact: fc.constant('time.date'),
      operator: among('startsWith', 'not:startsWith'),
      value: among('2026-11', '2027'),
    }),
    fc.record({
      fact: fc.constant('message.type'),
      operator: ofList(among('contains', 'doesNotContain')),
      value: values(among('encrypted', 'automaticReply')),
    }),
    fc.record({
      fact: fc.constant('attachment.isExecutable'),
      operator: among('equal', 'notEqual'),
      value: fc.boolean(),
    }),
    fc.record({
      fact: fc.constant('attachment.hashes'),
      operator: ofList(among('contains', 'doesNotContain')),
      value: values(among('AA11', 'bb22')),
    }),
    fc.record({
      fact: fc.constant('link.domains'),
      operator: ofList(among('underDomain', 'contains')),
      value: values(among('customer.example', 'evil.example')),
    }),
    fc.record({
      fact: fc.constant('attachment.names'),
      operator: ofList(textOperator),
      value: values(word),
    }),
    fc.record({
      fact: fc.constant('attachment.sizesBytes'),
      operator: ofList(among('greaterThan', 'equal', 'lessThanInclusive')),
      value: values(fc.integer({ min: 0, max: 5 })),
    }),
    fc.record({ fact: fc.constant('subjectOrBody'), operator: ofList(textOperator), value: values(word) }),
    fc.record({
      fact: among('subject', 'subjectOrBody'),
      operator: fc.constant('matches'),
      value: values(
        among(
          'sec[a-z]+',
          'x$',
          '^offer',
          'S(E|X)',
          'se(?:crets|x)',
          'kel+vin|sigma',
          '(?:se)?cret$',
          'fers?',
          '\\[x\\]',
          '.',
        ),
      ),
      params: among({}, { caseSensitive: true }),
    }),
    fc.record({
      fact: fc.constant('header'),
      operator: ofList(
        among('equal', 'notEqual', 'contains', 'doesNotContain', 'exists', 'not:exists', 'startsWith', 'containsText'),
      ),
      value: among('1', 'high', '2', 'for ', '[x] ', 'offer'),
      params: fc.record({ name: among(...HEADERS, 'x-tag', 'Subject') }),
    }),
    fc.record({
      fact: among('recipient.address', 'to', 'toOrCc', 'rcptTo'),
      operator: among('equal', 'notEqual', 'in', 'notIn'),
      value: fc.array(among(...ADDRESSES, ...OTHERS), { minLength: 1, maxLength: 3 }),
    }),
    fc.record({
      fact: among('sender.address', 'recipient.address', 'rcptTo', 'to'),
      operator: negatable(among('containsText', 'startsWith', 'endsWith', 'matches')),
      value: values(among('@example.com', 'ann@', 'customer', 'tomer.ex', 'SUE')),
    }),
    fc.record({
      fact: fc.constant('rcptTo'),
      operator: ofList(among('contains', 'doesNotContain', 'underDomain')),
      value: among('example.com', 'customer.example'),
    }),
    fc.record({
      fact: among('recipient.domain', 'sender.domain'),
      operator: among('underDomain', 'equal', 'not:underDomain'),
      value: values(among('example.com', 'customer.example', 'example')),
    }),
    fc.record({
      fact: fc.constant('recipient.scope'),
      operator: among('equal', 'notEqual'),
      value: values(among('internal', 'external', 'partner')),
    }),
    fc.record({
      fact: fc.constant('sender.scope'),
      operator: among('equal', 'notEqual'),
      value: among('internal', 'external'),
      params: fc.record({ from: among('header', 'envelope', 'either') }),
    }),
    fc.record({ fact: fc.constant('recipient.in'), operator: fc.constant('equal'), value: among('to', 'cc', 'bcc') }),
    fc.record({
      fact: fc.constant('recipient.keys'),
      operator: among('contains', 'doesNotContain'),
      value: fc.constant('smime'),
    }),
    fc.record({
      fact: among('recipients.count', 'recipients.externalCount', 'message.sizeBytes', 'link.count'),
      operator: among('equal', 'lessThan', 'lessThanInclusive', 'greaterThan', 'not:greaterThanInclusive'),
      value: fc.integer({ min: 0, max: 5 }),
    }),
    fc.record({
      fact: fc.constant('sender.isAuthenticated'),
      operator: among('equal', 'notEqual'),
      value: fc.boolean(),
    }),
  )
  // An address is compared whole, a domain by its parent: what does not fit is made to.
  .map((one) => {
    if (one.fact === 'rcptTo' && /(?:^|:)(?:contains|doesNotContain)$/.test(one.operator))
      return { ...one, value: OTHERS[0] };
    const isHeaderExists = one.fact === 'header' && one.operator.includes('exists');
    if (!isHeaderExists) return one;
    return { ...one, operator: one.operator.replace(/^.*:(?=not:|exists)/, ''), value: true };
  });

/** Of what earlier rules write and whom they add. */
export const reader = fc
  .oneof(
    fc.record({
      fact: fc.constant('header'),
      operator: among('exists', 'equal', 'startsWith', 'containsText'),
      value: among('1', '2', 'for ', 'ann@', 'secret', 'sue'),
      params: fc.record({ name: among('X-Tag', 'X-Other') }),
    }),
    fc.record({
      fact: fc.constant('subject'),
      operator: among('startsWith', 'containsWords'),
      value: among('[x]', 'offer'),
    }),
    fc.record({
      fact: among('recipient.address', 'toOrCc', 'rcptTo'),
      operator: among('equal', 'in', 'containsText'),
      value: among(...OTHERS, 'zoe@archive.example').map((one) => [one]),
    }),
    fc.record({ fact: fc.constant('message.importance'), operator: fc.constant('equal'), value: among('high', 'low') }),
    fc.record({
      fact: fc.constant('message.sensitivity'),
      operator: fc.constant('equal'),
      value: fc.constant('private'),
    }),
    fc.record({
      fact: fc.constant('message.classification'),
      operator: fc.constant('contains'),
      value: among('Secret', 'Internal'),
    }),
    fc.record({ fact: fc.constant('message.spamScore'), operator: among('equal', 'greaterThan'), value: among(3, 7) }),
  )
  .map((one) => (one.operator === 'exists' ? { ...one, value: true } : one));
