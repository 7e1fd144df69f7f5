import fc from 'fast-check';
import type { Ending, HeaderEdit, VerdictBranch } from '#lib/rules';
import { acceptedOf, branchOf, judgedOf } from '../fakes/samples.js';
import type { Plan } from '../message.js';
import { plan } from './plan.js';

const names = ['ann', 'bob', 'carl', 'dora', 'emil', 'fred'].map((name) => `${name}@customer.example`);
const ending: fc.Arbitrary<Ending> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ type: 'deliver' } as const) },
  fc.constant({ type: 'reject', rule: 'r', text: 'No.', enhancedStatusCode: '5.7.1' } as const),
  fc.constant({ type: 'delete', rule: 'r' } as const),
  fc.constant({ type: 'quarantine', rule: 'r' } as const),
  fc.constant({ type: 'hold', rule: 'r', code: 'ERR_PATTERN_LIMIT' } as const),
);
const protection: fc.Arbitrary<VerdictBranch['protection']> = fc.option(
  fc.record({
    method: fc.constantFrom('auto', 'smime'),
    onMissingKey: fc.constantFrom('hold', 'reject'),
    subject: fc.constantFrom('keep', 'hide'),
  }),
);
const edits: fc.Arbitrary<HeaderEdit[]> = fc.array(
  fc.record({ type: fc.constant('setHeader' as const), name: fc.constantFrom('X-A', 'X-B'), value: fc.constant('1') }),
  { maxLength: 2 },
);
const state = fc.constantFrom('pending', 'pending', 'pending', 'delivered', 'deferred', 'held', 'rejected');

/** Recipients with their records, dealt out to branches, and keys for some of them. */
const world = fc
  .record({
    recipients: fc.array(
      fc.record({
        state,
        isUnprotected: fc.boolean(),
        isRecorded: fc.boolean(),
        origin: fc.constantFrom('envelope', 'added', 'redirected'),
        place: fc.constantFrom('to', 'cc', 'bcc'),
        branch: fc.nat(2),
        hasKey: fc.boolean(),
      }),
      { minLength: 1, maxLength: names.length },
    ),
    branches: fc.tuple(...[0, 1, 2].map(() => fc.record({ ending, protection, edits }))),
  })
  .map(({ recipients, branches }) => {
    const all = recipients.map((one, index) => ({
      ...one,
      address: names[index] ?? '',
      // Only an added recipient may be unknown to the record.
      isRecorded: one.isRecorded || one.origin !== 'added',
    }));
    const accepted = acceptedOf({
      rcptTo: all
        .filter((one) => one.isRecorded)
        .map(({ address, state: recorded, isUnprotected, origin }) => ({
          address,
          state: recorded,
          isUnprotected,
          origin: origin === 'added' ? ('added' as const) : ('envelope' as const),
        })),
    });
    const parts = branches.map((branch, index) =>
      branchOf(
        all.filter((one) => one.branch === index).map(({ address, origin, place }) => ({ address, origin, in: place })),
        branch,
      ),
    );
    const keys = all.filter((one) => one.hasKey).map((one) => one.address);
    return { all, accepted, parts, keys };
  });

function answersOf({ groups, dispositions }: Plan): string[] {
  return [...groups.flatMap((group) => group.recipients), ...dispositions].map(({ address }) => address);
}

describe('plan, whatever the verdict', () => {
  it('guarantees that nobody whose verdict asks for protection is in a clear group, unless a person said so', () => {
    fc.assert(
      fc.property(world, ({ all, accepted, parts, keys }) => {
        for (const group of plan(judgedOf(accepted, parts), keys).groups) {
          if (group.protection !== 'none') continue;
          for (const { address } of group.recipients) {
            const one = all.find((known) => known.address === address);
            const asks = parts[one?.branch ?? 0]?.protection !== null;
            expect(!asks || (one?.isUnprotected === true && one.isRecorded)).toBe(true);
          }
        }
      }),
    );
  });

  it('guarantees that a sealed group holds only recipients with a key, and in no header only one', () => {
    fc.assert(
      fc.property(world, ({ all, accepted, parts, keys }) => {
        for (const group of plan(judgedOf(accepted, parts), keys).groups) {
          const members = all.filter((one) => group.recipients.some(({ address }) => address === one.address));
          if (group.protection === 'smime') expect(members.every((one) => one.hasKey)).toBe(true);
          if (members.some((one) => one.place === 'bcc')) expect(members).toHaveLength(1);
        }
      }),
    );
  });

  it('guarantees that every pending or new recipient stands in exactly one group or disposition, and nobody else', () => {
    fc.assert(
      fc.property(world, ({ all, accepted, parts, keys }) => {
        const expected = all.filter((one) => !one.isRecorded || one.state === 'pending').map((one) => one.address);
        expect(answersOf(plan(judgedOf(accepted, parts), keys)).sort()).toEqual(expected.sort());
      }),
    );
  });

  it('guarantees that the same plan is made again, with the same delivery ids, and different ones in one plan', () => {
    fc.assert(
      fc.property(world, ({ accepted, parts, keys }) => {
        const first = plan(judgedOf(accepted, parts), keys);
        expect(plan(judgedOf(accepted, parts), [...keys].reverse())).toEqual(first);
        const ids = first.groups.map((group) => group.deliveryId);
        expect(new Set(ids).size).toBe(ids.length);
      }),
    );
  });
});
