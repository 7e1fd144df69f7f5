import fc from 'fast-check';
import type { Action } from '../types.js';

/** Few addresses, so that rules meet. */
export const ADDRESSES = ['ann@customer.example', 'bob@customer.example', 'carl@partner.example', 'dora@example.com'];
export const OTHERS = ['eve@customer.example', 'legal@example.com'];

export const among = <T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);

const addresses = fc.uniqueArray(among(...ADDRESSES, ...OTHERS, ...ADDRESSES, 'senderManager'), {
  minLength: 1,
  maxLength: 2,
});
const headerAction = fc.oneof(
  fc.record({ type: fc.constant('setHeader'), name: among('X-Tag', 'x-tag', 'X-Other'), value: among('1', '2') }),
  fc.record({
    type: fc.constant('setHeader'),
    name: among('Importance', 'X-Priority'),
    value: among('1', 'High', 'low'),
  }),
  fc.record({
    type: fc.constant('setHeader'),
    name: among('Sensitivity', 'X-Classification', 'X-Spam-Score', 'X-MS-Exchange-Organization-SCL'),
    value: among('Private', 'Secret', '7', '3'),
  }),
  fc.record({ type: fc.constant('classify'), name: among('Secret', 'Internal') }),
  fc.record({ type: fc.constant('setSpamScore'), score: among(3, 7, -1, 6.5) }),
  fc.record({ type: fc.constant('setImportance'), importance: among('low', 'normal', 'high') }),
  fc.record({
    type: fc.constant('setHeader'),
    name: among('X-Tag', 'X-Other'),
    value: among('{{subject}}', 'for {{recipient.address}}', '{{sender.displayName}} to {{recipient.displayName}}'),
  }),
  fc.record({ type: fc.constant('removeHeader'), name: among('X-Tag', 'X-Other', 'Importance', 'X-Spam-Score') }),
);
const maybe = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<readonly T[]> => fc.array(one, { maxLength: 1 });

/** At most one of each kind, so that nothing contradicts itself within one rule. */
export const someActions: fc.Arbitrary<readonly Action[]> = fc
  .tuple(
    maybe(
      fc.record({
        type: fc.constant('encrypt'),
        method: among('auto', 'smime'),
        template: fc.constant('encrypt-only'),
        onMissingKey: among('hold', 'reject'),
        subject: among('keep', 'hide'),
      }),
    ),
    maybe(headerAction),
    maybe(fc.record({ type: fc.constant('prependSubject'), text: among('[x] ', 'offer ', '[{{sender.address}}] ') })),
    maybe(
      fc.record({ type: fc.constant('replaceSubject'), text: among('Ticket', '{{subject}} (see ticket)', 'offer') }),
    ),
    maybe(fc.record({ type: fc.constant('addRecipient'), addresses, as: among('to', 'cc', 'bcc') })),
    maybe(fc.record({ type: fc.constant('bcc'), addresses: fc.constant(['zoe@archive.example']) })),
    maybe(
      fc.oneof(
        fc.record({ type: fc.constant('redirect'), addresses }),
        fc.record({ type: among('delete', 'quarantine') }),
        fc.record({
          type: fc.constant('reject'),
          text: among('No.', '{{recipient.address}}: no.'),
          enhancedStatusCode: fc.constant('5.7.1'),
        }),
      ),
    ),
    maybe(fc.record({ type: fc.constant('stop') })),
    maybe(fc.record({ type: fc.constant('audit'), severity: among('low', 'high') })),
  )
  .chain((kinds) => fc.shuffledSubarray(kinds.flat(), { minLength: 0 }))
  .map((some) => (some.length === 0 ? [{ type: 'audit', severity: 'none' }] : some) as readonly Action[]);
