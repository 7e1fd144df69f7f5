import fc from 'fast-check';
import type { DirectoryFacts, FactRecord } from '../types.js';

const among = <T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
const PEOPLE = [
  'ann@customer.example',
  'bob@customer.example',
  'carl@partner.example',
  'dora@example.com',
  'eve@customer.example',
  'legal@example.com',
  'zoe@archive.example',
  'sue@example.com',
  'tom@other.example',
];
const GROUPS = ['sales', 'staff@example.com', 'board'];
const MANAGERS = ['dora@example.com', 'sue@example.com', 'boss@example.com'];

const entry = (address: string): fc.Arbitrary<unknown> =>
  fc.record({
    // An alias is known by another address.
    address: among(address, address, 'sue@example.com'),
    displayName: fc.constant(null),
    manager: fc.option(among(...MANAGERS), { freq: 3 }),
    groups: fc.subarray(GROUPS),
    attributes: fc.dictionary(among('department', 'city'), fc.subarray(['Sales', 'RESEARCH', 'x'], { minLength: 1 }), {
      maxKeys: 2,
    }),
    canEncrypt: fc.boolean(),
  });

/** What a directory says: of some it knows nothing, some look-ups fail, and seldom one was not asked for. */
export const someDirectory = fc
  .record(
    Object.fromEntries(
      PEOPLE.map((address) => [
        address,
        fc.oneof(
          { weight: 20, arbitrary: entry(address) },
          { weight: 3, arbitrary: fc.constant(null) },
          { weight: 1, arbitrary: fc.constant({ errorCode: 'ERR_TEST_DIRECTORY' }) },
          { weight: 1, arbitrary: fc.constant(undefined) },
        ),
      ]),
    ),
  )
  .map((all) => Object.fromEntries(Object.entries(all).filter(([, one]) => one !== undefined)) as DirectoryFacts);

/** The same message with what a directory says of its people. */
export const withDirectory = (record: fc.Arbitrary<FactRecord>): fc.Arbitrary<FactRecord> =>
  fc.tuple(record, someDirectory).map(([one, directory]) => ({ ...one, directory }));

const values = (one: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof(one, fc.array(one, { minLength: 1, maxLength: 3 }));
const ofList = (operator: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.tuple(among('', '', 'everyFact:', 'not:', 'everyValue:'), operator).map((parts) => parts.join(''));
const from = fc.record({ from: among('header', 'envelope', 'either') });
const group = among('Sales', 'board', 'STAFF@example.com', 'nobody');

/** Questions that the directory answers. */
export const directoryLeaf = fc.oneof(
  fc.record({
    fact: fc.constant('sender.groups'),
    operator: ofList(among('memberOf', 'contains', 'doesNotContain', 'containsText')),
    value: values(group),
    params: from,
  }),
  fc.record({
    fact: fc.constant('recipient.groups'),
    operator: ofList(among('memberOf', 'contains', 'doesNotContain')),
    value: values(group),
  }),
  fc.record({
    fact: among('recipient.address', 'sender.address', 'recipient.address'),
    operator: among('memberOf', 'not:memberOf', 'everyValue:memberOf'),
    value: values(group),
  }),
  fc.record({ fact: among('to', 'toOrCc', 'rcptTo'), operator: ofList(among('memberOf')), value: values(group) }),
  fc
    .record({
      fact: among('sender.manager', 'recipient.manager'),
      operator: among('equal', 'notEqual', 'endsWith', 'underDomain'),
      value: among(...MANAGERS),
    })
    .map((one) => (one.operator === 'underDomain' ? { ...one, value: 'example.com' } : one)),
  fc.record({
    fact: among('sender.attribute', 'recipient.attribute'),
    operator: ofList(among('contains', 'equal', 'notEqual', 'containsWords')),
    value: values(among('sales', 'research', 'y')),
    params: fc.record({ name: among('Department', 'city', 'room') }),
  }),
  fc.record({
    fact: fc.constant('sender.canEncrypt'),
    operator: among('equal', 'notEqual'),
    value: fc.boolean(),
    params: from,
  }),
  fc.record({
    fact: fc.constant('relation'),
    operator: among('contains', 'doesNotContain', 'not:contains', 'everyValue:contains'),
    value: values(
      among(
        'senderManagesRecipient',
        'recipientManagesSender',
        'sameAttribute:Department',
        'between:sales/board',
        'between:Board/staff@example.com',
      ),
    ),
  }),
);
