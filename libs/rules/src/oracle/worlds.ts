import fc from 'fast-check';
import type { FactRecord, FactValue, FactError, Rule, RuleSettings } from '../types.js';
import { ADDRESSES, among, OTHERS, someActions } from './world-actions.js';

/** Few words and headers, so that rules meet. */
const WORDS = ['secret', 'STRAßE', 'Kelvin', 'ςigma', '東京', '비밀', 'İstanbul', 'offer', '[x]'];
/** What is nearly one of the words, or one of them in another form. */
const NEARLY = [
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
const NAMES = ['Ann', 'Sue \u202eB', '東京'];

export const SETTINGS: RuleSettings = {
  acceptedDomains: ['example.com'],
  partnerDomains: ['partner.example'],
  timeZone: 'Europe/Berlin',
};

const text = fc
  .array(
    among(
      ...WORDS,
      '東SECRET京',
      'secret에',
      '비밀번호',
      'se\u200bcret',
      '\u202eoffer',
      'x\u00ad',
      ',',
      'x',
      'SECRET',
      'ﬀ',
      '\u212a',
      'Σ',
      ...NEARLY,
    ),
    {
      maxLength: 4,
    },
  )
  .chain((all) => among(' ', ' ', ' ', '', '  ').map((space) => all.join(space)));
const error: fc.Arbitrary<FactError> = fc.constant({ errorCode: 'ERR_TEST_FACT' });
const rarely = (value: fc.Arbitrary<FactValue | FactError>): fc.Arbitrary<FactValue | FactError> =>
  fc.oneof(
    { weight: 9, arbitrary: value },
    { weight: 1, arbitrary: error },
    { weight: 1, arbitrary: fc.constant(undefined) },
  );
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

const leaf = fc
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
      fact: among('recipients.count', 'recipients.externalCount', 'message.sizeBytes'),
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
const reader = fc
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

const { condition } = fc.letrec((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.record({ all: fc.array(tie('condition'), { maxLength: 3 }) }),
    fc.record({ any: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ not: tie('condition') }),
  ),
}));

const rule: fc.Arbitrary<Omit<Rule, 'id' | 'priority'>> = fc
  .record({
    version: fc.constant(1),
    name: fc.constant('Rule'),
    description: fc.constant(''),
    enabled: fc.boolean().chain((one) => (one ? fc.constant(true) : among(true, true, true, true, false))),
    mode: among('enforce', 'enforce', 'enforce', 'enforce', 'audit', 'auditAndNotify'),
    conditions: fc.oneof({ weight: 3, arbitrary: condition }, { weight: 1, arbitrary: reader }),
    exceptions: fc.option(condition, { freq: 2 }),
    actions: someActions,
    appliesTo: among('matchingRecipients', 'matchingRecipients', 'allRecipients'),
    stopProcessing: among(false, false, false, true),
    onError: among('hold', 'skip'),
    activateAt: among(null, null, null, null, null, null, null, '2026-11-24T12:00:00.000Z', '2026-11-24T12:00:00.001Z'),
    expireAt: among(null, null, null, null, null, '2026-11-24T13:00:00.000Z'),
  })
  .map((one) => ({
    ...(one as unknown as Omit<Rule, 'id' | 'priority'>),
    onError: one.actions.some(({ type }) => type === 'encrypt') ? 'hold' : (one.onError as 'hold' | 'skip'),
    exceptions: JSON.stringify(one.exceptions) === '{"all":[]}' ? null : (one.exceptions as Rule['exceptions']),
  }));

/** Rules of a set, `r0` first. */
export const someRules: fc.Arbitrary<readonly Rule[]> = fc
  .array(rule, { minLength: 1, maxLength: 6 })
  .map((rules) => rules.map((one, index) => ({ ...one, id: `r${index}`, priority: index })));

const sender = among(
  { address: 'sue@example.com', domain: 'example.com', displayName: 'Sue \u202eB' },
  { address: 'tom@other.example', domain: 'other.example', displayName: undefined },
  { address: undefined, domain: undefined, displayName: 'Ann' },
);

/** A message as rules see it. */
export const someRecord = fc.record({
  receivedAt: among('2026-11-24T12:00:00.000Z', '2026-11-24T13:00:00.000Z'),
  message: fc.record({
    subject: rarely(fc.oneof(text, text, text, fc.array(text, { maxLength: 2 }))),
    body: rarely(text.map((one) => one.replaceAll('  ', '\t\n'))),
    to: rarely(fc.subarray([...ADDRESSES, ...OTHERS])),
    cc: rarely(fc.subarray(ADDRESSES)),
    'message.sizeBytes': rarely(fc.integer({ min: 0, max: 5 })),
    'message.importance': rarely(among('high', 'normal', 'low')),
    'message.spamScore': rarely(among(-1, 3, 7)),
    'message.type': rarely(fc.subarray(['encrypted', 'automaticReply', 'bulk'])),
    'attachment.names': rarely(fc.array(text, { maxLength: 3 })),
    'attachment.sizesBytes': rarely(fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 3 })),
  }),
  headers: fc.dictionary(
    among('x-tag', 'importance', 'sensitivity', 'x-classification', 'x-spam-score'),
    fc.array(among('1', '2', 'High', 'Private', 'Secret', '7'), { minLength: 1, maxLength: 2 }),
  ),
  unreadable: fc.option(
    fc.record({
      fields: fc.subarray(['subject', 'from', 'to', 'x-tag', 'x-classification', 'sensitivity']),
      errorCode: among('ERR_TEST_CHARSET'),
    }),
    { nil: undefined, freq: 2 },
  ),
  headerFrom: fc.array(sender, { maxLength: 2 }),
  envelopeFrom: fc.option(sender),
  isAuthenticated: fc.boolean(),
  ip: among(null, '192.0.2.9', '198.51.100.7'),
  recipients: fc
    .uniqueArray(
      fc.record({
        address: among(...ADDRESSES),
        displayName: fc.option(among(...NAMES), { nil: undefined }),
        in: among('to', 'cc', 'bcc'),
        keys: among([], ['smime']),
        resumeAfterRule: fc.option(among('r0', 'r1', 'r2', 'gone'), { nil: undefined, freq: 4 }),
        isUnprotected: among(false, false, false, true),
      }),
      { minLength: 1, maxLength: 4, selector: ({ address }) => address },
    )
    .map((all) =>
      all.map(({ resumeAfterRule: r, ...one }) => (r === undefined ? one : { ...one, resumeAfterRule: r })),
    ),
  keysOfAdded: among({}, { 'legal@example.com': ['smime'] }),
  resumeOfAdded: fc.dictionary(among(...OTHERS, ...ADDRESSES), among('r0', 'r1', 'r2', 'gone'), { maxKeys: 2 }),
  unprotectedAdded: among([], [], ['legal@example.com', 'zoe@archive.example']),
}) as unknown as fc.Arbitrary<FactRecord>;
