import { ANN, BOB, DORA, ENCRYPT, judge, LEGAL, recordOf, TAG } from '../fakes/samples.js';
import type { Action, Condition, Rule, Verdict } from '../types.js';

const isFor = (address: string): Condition => ({ fact: 'recipient.address', operator: 'equal', value: address });
const add = (as: 'to' | 'cc' | 'bcc', ...addresses: readonly string[]): Action => ({
  type: 'addRecipient',
  addresses,
  as,
});
const redirect = (...addresses: readonly string[]): Action => ({ type: 'redirect', addresses });
const REJECT: Action = { type: 'reject', text: 'No.', enhancedStatusCode: '5.7.1' };

function fateOf({ branches }: Verdict, address: string) {
  const branch = branches.find(({ recipients }) => recipients.some((one) => one.address === address));
  const recipient = branch?.recipients.find((one) => one.address === address);
  return { ...branch, recipients: undefined, ...recipient };
}

function outcomeFor({ rules }: Verdict, address: string): readonly string[] {
  return rules.map(({ recipients }) => {
    const { outcome, reason } = recipients.find((one) => one.address === address)!;
    return reason ?? outcome;
  });
}

describe('an added recipient', () => {
  it.each([
    [add('to', LEGAL), 'to', [{ type: 'addAddress', field: 'to', address: LEGAL }]],
    [add('cc', LEGAL), 'cc', [{ type: 'addAddress', field: 'cc', address: LEGAL }]],
    [add('bcc', LEGAL), 'bcc', []],
    [{ type: 'bcc', addresses: [LEGAL] }, 'bcc', []],
    [redirect(LEGAL), 'bcc', []],
  ] as const)('by %j stands in %s', async (action, place, edits) => {
    const verdict = await judge([{ actions: [action] }], recordOf([ANN]));
    expect(fateOf(verdict, LEGAL)).toMatchObject({
      origin: 'added',
      in: place,
      edits,
      ending: { type: 'deliver' },
      rules: [],
    });
    expect(verdict.rules[0]?.recipients.map(({ address }) => address)).toEqual([ANN, LEGAL]);
  });

  it('stands where the header shows it, whatever it was added as', async () => {
    const record = recordOf([ANN], { message: { cc: [LEGAL] } });
    const verdict = await judge([{ actions: [{ type: 'bcc', addresses: [LEGAL] }] }], record);
    expect(fateOf(verdict, LEGAL)).toMatchObject({ in: 'cc', edits: [] });
  });

  it('has the protection of the branch that it was added to, that of the same rule included', async () => {
    const rules = [
      { conditions: isFor(ANN), actions: [ENCRYPT] },
      { conditions: isFor(ANN), actions: [add('bcc', LEGAL)] },
    ];
    expect(fateOf(await judge(rules, recordOf([ANN])), LEGAL).protection).toMatchObject({ method: 'auto' });
    const same = [{ conditions: isFor(ANN), actions: [add('bcc', LEGAL), ENCRYPT] }];
    expect(fateOf(await judge(same, recordOf([ANN])), LEGAL).protection).toMatchObject({ method: 'auto' });
  });

  it('has the protection of all branches that add it', async () => {
    const rules: Partial<Rule>[] = [
      { conditions: isFor(BOB), actions: [{ ...ENCRYPT, method: 'smime' } as Action] },
      { actions: [add('bcc', LEGAL)] },
    ];
    const verdict = await judge(rules, recordOf([ANN, BOB]));
    expect(fateOf(verdict, ANN).protection).toBeNull();
    expect(fateOf(verdict, LEGAL).protection).toMatchObject({ method: 'smime' });
  });

  it('guarantees that rules from the first on protect or block it', async () => {
    const adding = { conditions: isFor(ANN), actions: [add('bcc', LEGAL)] };
    const guarding = (action: Action) => ({ conditions: isFor(LEGAL), actions: [action] });
    for (const rules of [
      [guarding(ENCRYPT), adding],
      [adding, guarding(ENCRYPT)],
    ]) {
      const verdict = await judge(rules, recordOf([ANN]));
      expect(fateOf(verdict, LEGAL).protection).not.toBeNull();
      expect(fateOf(verdict, ANN).protection).toBeNull();
    }
    for (const action of [REJECT, { type: 'delete' }, { type: 'quarantine' }] as const) {
      const verdict = await judge([guarding(action), adding], recordOf([ANN]));
      expect(fateOf(verdict, LEGAL).ending).toMatchObject({ type: action.type, rule: 'r0' });
      expect(fateOf(verdict, ANN).ending).toEqual({ type: 'deliver' });
    }
  });

  it('is not asked for by rules that neither protect nor block, nor touched by such actions of others', async () => {
    const rules: Partial<Rule>[] = [
      { actions: [TAG] },
      { actions: [add('bcc', LEGAL)] },
      {
        actions: [{ type: 'prependSubject', text: '[x] ' }, ENCRYPT, add('bcc', 'more@example.com')],
        conditions: isFor(LEGAL),
      },
      { actions: [{ type: 'stop' }] },
      { actions: [ENCRYPT], stopProcessing: true },
      { actions: [REJECT], conditions: isFor(LEGAL) },
    ];
    const verdict = await judge(rules, recordOf([ANN]));
    expect(outcomeFor(verdict, LEGAL)).toEqual(['added', 'added', 'matched', 'added', 'matched', 'matched']);
    expect(fateOf(verdict, LEGAL)).toMatchObject({
      edits: [TAG],
      rules: ['r2', 'r4', 'r5'],
      ending: { type: 'reject' },
    });
    expect(verdict.rules[0]?.recipients).toHaveLength(2);
    expect(verdict.rules[3]?.outcome).toBe('matched');
  });

  it('is judged by its own address and keys', async () => {
    const keyless: Condition = { fact: 'recipient.keys', operator: 'doesNotContain', value: 'smime' };
    const rules = [{ actions: [add('bcc', LEGAL, DORA)] }, { conditions: keyless, actions: [REJECT] }];
    const verdict = await judge(
      rules,
      recordOf([{ address: ANN, keys: ['smime'] }], { keysOfAdded: { [LEGAL]: ['smime'] } }),
    );
    expect([ANN, LEGAL, DORA].map((address) => fateOf(verdict, address).ending?.type)).toEqual([
      'deliver',
      'deliver',
      'reject',
    ]);
  });

  it('goes on after the rule that parked it', async () => {
    const rules: Partial<Rule>[] = [
      { conditions: isFor(LEGAL), actions: [{ type: 'quarantine' }] },
      { conditions: isFor(ANN), actions: [add('bcc', LEGAL)] },
      { conditions: isFor(LEGAL), actions: [ENCRYPT] },
    ];
    expect(fateOf(await judge(rules, recordOf([ANN])), LEGAL).ending).toEqual({ type: 'quarantine', rule: 'r0' });
    const released = await judge(rules, recordOf([ANN], { resumeOfAdded: { [LEGAL]: 'r0' } }));
    expect(fateOf(released, LEGAL)).toMatchObject({ ending: { type: 'deliver' }, protection: { method: 'auto' } });
  });

  it('that is there already gets one copy', async () => {
    const verdict = await judge(
      [{ actions: [add('cc', BOB, LEGAL)] }, { actions: [add('cc', LEGAL)] }],
      recordOf([ANN, BOB]),
    );
    expect(
      verdict.branches.flatMap(({ recipients }) => recipients.map(({ address, origin }) => [address, origin])),
    ).toEqual([
      [ANN, 'envelope'],
      [BOB, 'envelope'],
      [LEGAL, 'added'],
    ]);
  });

  it('of a rule in audit mode is added nowhere', async () => {
    const verdict = await judge([{ mode: 'audit', actions: [add('bcc', LEGAL)] }], recordOf([ANN]));
    expect(verdict.rules[0]?.recipients).toHaveLength(1);
  });

  it('may be called __proto__', async () => {
    const odd = '__proto__@example.com';
    const verdict = await judge([{ actions: [add('bcc', odd)] }], recordOf([ANN]));
    expect(fateOf(verdict, odd)).toMatchObject({ origin: 'added' });
  });
});

describe('redirecting', () => {
  it('gives the mail to the others alone, with the protection of the branch', async () => {
    const verdict = await judge([{ actions: [ENCRYPT] }, { actions: [redirect(LEGAL)] }], recordOf([ANN]));
    expect(fateOf(verdict, ANN)).toMatchObject({ origin: 'redirected', ending: { type: 'deliver' } });
    expect(fateOf(verdict, LEGAL)).toMatchObject({ origin: 'added', protection: { method: 'auto' } });
  });

  it('leaves the mail with a recipient who is among the targets', async () => {
    const verdict = await judge([{ actions: [redirect(BOB)] }], recordOf([ANN, BOB]));
    expect(fateOf(verdict, ANN).origin).toBe('redirected');
    expect(fateOf(verdict, BOB)).toMatchObject({ origin: 'envelope', ending: { type: 'deliver' } });
  });

  it('shows the new envelope to the rules that are asked for the new recipient', async () => {
    const alone: Condition = { all: [{ fact: 'recipients.count', operator: 'equal', value: 1 }, isFor(LEGAL)] };
    const rules = [{ conditions: alone, actions: [ENCRYPT] }, { actions: [redirect(LEGAL)] }];
    expect(fateOf(await judge(rules, recordOf([ANN, BOB])), LEGAL).protection).not.toBeNull();
  });

  it('guarantees that mail does not vanish between two who are redirected to each other', async () => {
    const rules = [
      { conditions: isFor(ANN), actions: [redirect(BOB)] },
      { conditions: isFor(BOB), actions: [redirect(ANN)] },
    ];
    const verdict = await judge(rules, recordOf([ANN, BOB]));
    expect(fateOf(verdict, BOB)).toMatchObject({ origin: 'envelope', ending: { type: 'deliver' } });
    expect(verdict.rules[1]?.overruled).toEqual(['/actions/0']);
  });

  it('is not undone by a rule that adds the recipient again', async () => {
    const rules = [
      { conditions: isFor(ANN), actions: [redirect(LEGAL)] },
      { conditions: isFor(BOB), actions: [add('cc', ANN)] },
    ];
    const verdict = await judge(rules, recordOf([ANN, BOB]));
    expect(fateOf(verdict, ANN).origin).toBe('redirected');
    expect(fateOf(verdict, BOB).edits).toEqual([]);
    expect(verdict.rules[1]?.overruled).toEqual(['/actions/0']);
  });
});
