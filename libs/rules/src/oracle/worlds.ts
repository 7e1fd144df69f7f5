import fc from 'fast-check';
import type { Condition, FactError, FactRecord, FactValue, Rule, RuleSetContent, RuleSettings } from '../types.js';
import { ADDRESSES, among, OTHERS, someActions } from './world-actions.js';
import { leaf, NEARLY, reader, WORDS } from './world-leaves.js';
import { directoryLeaf, withDirectory } from './world-directory.js';

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
const EVERYTHING = '{"all":[]}';

/** Conditions that may refer to these named ones. */
const conditionOf = (...names: readonly string[]): fc.Arbitrary<Condition> => {
  const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
    condition: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      ...[leaf, leaf, directoryLeaf].map((one) => one as unknown as fc.Arbitrary<Condition>),
      ...(names.length === 0 ? [] : [fc.record({ condition: among(...names) })]),
      fc.record({ all: fc.array(tie('condition'), { maxLength: 3 }) }),
      fc.record({ any: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }) }),
      fc.record({ not: tie('condition') }),
    ),
  }));
  return condition;
};

const ruleOf = (condition: fc.Arbitrary<Condition>): fc.Arbitrary<Omit<Rule, 'id' | 'priority'>> =>
  fc
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
      activateAt: among(
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        '2026-11-24T12:00:00.000Z',
        '2026-11-24T12:00:00.001Z',
      ),
      expireAt: among(null, null, null, null, null, '2026-11-24T13:00:00.000Z'),
    })
    .map((one) => ({
      ...(one as unknown as Omit<Rule, 'id' | 'priority'>),
      onError: one.actions.some(({ type }) => type === 'encrypt') ? 'hold' : (one.onError as 'hold' | 'skip'),
      exceptions: JSON.stringify(one.exceptions) === EVERYTHING ? null : one.exceptions,
    }));

const rulesOf = (condition: fc.Arbitrary<Condition>): fc.Arbitrary<readonly Rule[]> =>
  fc
    .array(ruleOf(condition), { minLength: 1, maxLength: 6 })
    .map((rules) => rules.map((one, index) => ({ ...one, id: `r${index}`, priority: index })));

/** Rules of a set, `r0` first. */
export const someRules = rulesOf(conditionOf());

/** Not every message: as an exception that would be refused. */
const namedOf = (...names: readonly string[]): fc.Arbitrary<Condition> =>
  conditionOf(...names).map((one) => (JSON.stringify(one) === EVERYTHING ? { all: [one] } : one));

/** Rules that share named conditions, which stand in each other. */
export const someContent: fc.Arbitrary<RuleSetContent> = fc.record({
  rules: rulesOf(conditionOf('a', 'b 2', 'c')),
  conditions: fc.record({ a: namedOf(), 'b 2': namedOf('a'), c: namedOf('a', 'b 2') }),
  settings: fc.constant(SETTINGS),
});

const sender = among(
  { address: 'sue@example.com', domain: 'example.com', displayName: 'Sue \u202eB' },
  { address: 'tom@other.example', domain: 'other.example', displayName: undefined },
  { address: undefined, domain: undefined, displayName: 'Ann' },
);

/** A message as rules see it. */
export const someRecord: fc.Arbitrary<FactRecord> = withDirectory(
  fc.record({
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
      'attachment.isExecutable': rarely(fc.boolean()),
      'attachment.hashes': rarely(fc.subarray(['aa11', 'bb22'])),
      'link.domains': rarely(fc.subarray(['evil.example', 'shop.customer.example', '192.0.2.1'])),
      'link.count': rarely(fc.integer({ min: 0, max: 5 })),
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
  }) as unknown as fc.Arbitrary<FactRecord>,
);
