import { ANN, BOB, DORA, ENCRYPT, judge, LEGAL, recordOf, TAG } from '../fakes/samples.js';
import type { Action, Condition, Rule, Verdict } from '../types.js';

const isFor = (address: string): Condition => ({ fact: 'recipient.address', operator: 'equal', value: address });
const add = (as: 'to' | 'cc' | 'bcc', ...addresses: readonly string[]): Action => ({
  type: 'addRecipient',
  addresses,
  as,
});
const tag = (name: string): Action => ({ type: 'setHeader', name, value: '1' });
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

  it('is written for by rules after the one that added it, as the others of its branch are; by those before it is only protected and blocked', async () => {
    const rules: Partial<Rule>[] = [
      { actions: [tag('X-Early')], conditions: isFor(LEGAL) },
      { actions: [tag('X-Both'), ENCRYPT], conditions: isFor(LEGAL) },
      { actions: [add('bcc', LEGAL), TAG] },
      { actions: [{ type: 'prependSubject', text: '[x] ' }], conditions: isFor(LEGAL) },
      { actions: [{ type: 'removeHeader', name: 'X-Old' }] },
      { actions: [REJECT], conditions: isFor(LEGAL) },
    ];
    const verdict = await judge(rules, recordOf([ANN]));
    expect(outcomeFor(verdict, LEGAL)).toEqual(['added', 'matched', 'added', 'matched', 'matched', 'matched']);
    expect(fateOf(verdict, LEGAL)).toMatchObject({
      edits: [TAG, { type: 'setSubject', text: '[x] Figures' }, { type: 'removeHeader', name: 'X-Old' }],
      protection: { method: 'auto' },
      rules: ['r1', 'r3', 'r4', 'r5'],
      ending: { type: 'reject' },
    });
    expect(fateOf(verdict, ANN)).toMatchObject({ edits: [TAG, { type: 'removeHeader', name: 'X-Old' }] });
    expect(verdict.rules[0]?.recipients).toHaveLength(2);
  });

  it('guarantees that a copy is sealed where a rule tags the branch and a later one encrypts what is tagged', async () => {
    const secret: Condition = { fact: 'body', operator: 'containsWords', value: 'secret' };
    const tagged: Condition = { fact: 'header', operator: 'exists', params: { name: 'X-Class' } };
    const rules: Partial<Rule>[] = [
      { actions: [{ type: 'bcc', addresses: [LEGAL] }] },
      { actions: [{ type: 'setHeader', name: 'X-Class', value: 'secret' }], conditions: secret },
      { actions: [ENCRYPT], conditions: tagged },
    ];
    const verdict = await judge(rules, recordOf([ANN]));
    expect(verdict.branches).toHaveLength(1);
    expect(verdict.branches[0]).toMatchObject({
      recipients: [{ address: ANN }, { address: LEGAL, in: 'bcc' }],
      protection: { method: 'auto' },
    });
  });

  it('fails with the others where a rule cannot write into its copy', async () => {
    const record = recordOf([ANN], { message: { subject: { errorCode: 'ERR_AWAY' } } });
    const rules: Partial<Rule>[] = [
      { actions: [{ type: 'prependSubject', text: '[x] ' }, ENCRYPT], conditions: isFor(LEGAL) },
      { actions: [add('bcc', LEGAL)] },
      { actions: [{ type: 'prependSubject', text: '[x] ' }] },
    ];
    const verdict = await judge(rules, record);
    expect(outcomeFor(verdict, LEGAL)).toEqual(['matched', 'added', 'ERR_AWAY']);
    expect(fateOf(verdict, LEGAL).ending).toMatchObject({ type: 'hold', rule: 'r2' });
  });

  it('adds nobody, redirects nobody, is not audited, and is not stopped for', async () => {
    const rules: Partial<Rule>[] = [
      { actions: [add('bcc', LEGAL)] },
      { actions: [add('bcc', 'more@example.com'), { type: 'audit', severity: 'high' }], conditions: isFor(LEGAL) },
      { actions: [TAG, add('bcc', 'more@example.com'), redirect(DORA)], conditions: isFor(LEGAL) },
      { actions: [{ type: 'stop' }] },
      { actions: [ENCRYPT], conditions: isFor(LEGAL), stopProcessing: true },
      { actions: [{ type: 'audit', severity: 'low' }], conditions: isFor(LEGAL) },
      { actions: [{ type: 'delete' }], conditions: isFor(LEGAL) },
    ];
    const verdict = await judge(rules, recordOf([ANN]));
    expect(outcomeFor(verdict, LEGAL)).toEqual(['added', 'added', 'matched', 'added', 'matched', 'added', 'matched']);
    expect(verdict.rules.map(({ outcome }) => outcome).slice(1, 4)).toEqual(['notMatched', 'matched', 'matched']);
    expect(fateOf(verdict, LEGAL)).toMatchObject({ origin: 'added', edits: [TAG], ending: { type: 'delete' } });
    expect(verdict.rules[0]?.recipients.map(({ address }) => address)).toEqual([ANN, LEGAL]);
    expect(verdict.audits).toEqual([]);
  });

  it('shows further recipients of its branch as the other copies do', async () => {
    const many: Condition = { fact: 'recipients.count', operator: 'greaterThanInclusive', value: 3 };
    const rules: Partial<Rule>[] = [
      { actions: [add('bcc', LEGAL)] },
      { actions: [add('cc', DORA)] },
      { actions: [ENCRYPT], conditions: many },
    ];
    const verdict = await judge(rules, recordOf([ANN]));
    expect(verdict.branches).toHaveLength(1);
    expect(verdict.branches[0]?.edits).toEqual([{ type: 'addAddress', field: 'cc', address: DORA }]);
    expect(verdict.branches[0]?.protection).not.toBeNull();
    expect(outcomeFor(verdict, LEGAL)).toEqual(['added', 'matched', 'matched']);
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
  it('does not end the rules: they act for the redirected recipient, who gets nothing, and for whoever gets the mail instead', async () => {
    const rules: Partial<Rule>[] = [
      { actions: [redirect(LEGAL)] },
      { actions: [TAG, { type: 'bcc', addresses: [DORA] }, { type: 'audit', severity: 'low' }] },
      { actions: [ENCRYPT] },
    ];
    const verdict = await judge(rules, recordOf([ANN]));
    expect(outcomeFor(verdict, ANN)).toEqual(['matched', 'matched', 'matched']);
    expect(verdict.branches).toHaveLength(1);
    expect(verdict.branches[0]).toMatchObject({
      recipients: [
        { address: ANN, origin: 'redirected' },
        { address: LEGAL, origin: 'added' },
        { address: DORA, origin: 'added' },
      ],
      edits: [TAG],
      protection: { method: 'auto' },
      ending: { type: 'deliver' },
    });
    expect(verdict.audits).toMatchObject([{ rule: 'r1', recipients: [ANN] }]);
  });

  it.each<Action>([REJECT, { type: 'delete' }, { type: 'quarantine' }])(
    'leaves nothing to %j for the redirected recipient',
    async (action) => {
      const rules = [{ actions: [redirect(LEGAL)] }, { actions: [action] }, { actions: [TAG] }];
      const verdict = await judge(rules, recordOf([ANN]));
      expect(outcomeFor(verdict, ANN)).toEqual(['matched', 'matched', 'matched']);
      expect(fateOf(verdict, ANN)).toMatchObject({ origin: 'redirected', ending: { type: 'deliver' } });
      expect(fateOf(verdict, LEGAL)).toMatchObject({ ending: { type: action.type } });
    },
  );

  it('is ended by what stops, and held by a rule that fails', async () => {
    const stop: Partial<Rule> = { actions: [{ type: 'stop' }], conditions: isFor(ANN) };
    const stopped = await judge([{ actions: [redirect(LEGAL)] }, stop, { actions: [TAG] }], recordOf([ANN]));
    expect(outcomeFor(stopped, ANN)).toEqual(['matched', 'matched', 'stopped']);
    const away: Condition = { fact: 'body', operator: 'containsText', value: 'x' };
    const rules = [
      { actions: [redirect(LEGAL)] },
      { conditions: away, actions: [TAG] },
      { actions: [add('bcc', DORA)] },
    ];
    const held = await judge(rules, recordOf([ANN], { message: { body: { errorCode: 'ERR_AWAY' } } }));
    expect(fateOf(held, ANN)).toMatchObject({ origin: 'redirected', ending: { type: 'hold', rule: 'r1' } });
    expect(held.rules[0]?.recipients.map(({ address }) => address)).toEqual([ANN, LEGAL]);
  });

  it('is done once: the first rule wins', async () => {
    const same = [{ actions: [redirect(LEGAL)] }, { actions: [redirect(LEGAL)] }];
    expect((await judge(same, recordOf([ANN]))).rules[1]?.overruled).toBeUndefined();
    const verdict = await judge([{ actions: [redirect(LEGAL)] }, { actions: [redirect(DORA)] }], recordOf([ANN]));
    expect(verdict.rules[1]?.overruled).toEqual(['/actions/0']);
    expect(verdict.rules[1]?.recipients.map(({ address }) => address)).toEqual([ANN, LEGAL]);
  });

  it('moves the others of a branch after some were moved', async () => {
    const rules = [{ actions: [redirect(BOB)] }, { actions: [redirect(LEGAL)] }];
    const verdict = await judge(rules, recordOf([ANN, BOB]));
    expect([ANN, BOB, LEGAL].map((address) => fateOf(verdict, address).origin)).toEqual([
      'redirected',
      'redirected',
      'added',
    ]);
  });

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
