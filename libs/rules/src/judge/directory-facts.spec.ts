import { ANN, BOB, DORA, judge, outcomesOf, recordOf, ruleOf, senderOf, SETTINGS } from '../fakes/samples.js';
import { compileRuleSet, addedAddresses } from '../compile/compile-rule-set.js';
import type { Condition, DirectoryEntry, DirectoryFacts, FactRecord, Rule, Verdict } from '../types.js';

const SUE = 'sue@example.com';
const BOSS = 'boss@example.com';
const AWAY = { errorCode: 'ERR_DIRECTORY_UNAVAILABLE' };

function entryOf(address: string, entry: Partial<DirectoryEntry> = {}): DirectoryEntry {
  return { address, displayName: null, manager: null, groups: [], attributes: {}, canEncrypt: true, ...entry };
}

/** Sue of sales, whose boss is Boss, writes to Dora, whom she manages and who is in the board. */
const DIRECTORY: DirectoryFacts = {
  [SUE]: entryOf(SUE, {
    manager: BOSS,
    groups: ['sales', 'sales@example.com', 'staff'],
    attributes: { department: ['Sales', 'Field'], city: ['Bonn'] },
  }),
  [DORA]: entryOf(DORA, { manager: SUE, groups: ['board', 'staff'], attributes: { department: ['FIELD'] } }),
  [BOSS]: entryOf(BOSS, { canEncrypt: false }),
  [ANN]: null,
  [BOB]: AWAY,
};

const recordFor = (address: string, more: Partial<FactRecord> = {}): FactRecord =>
  recordOf([address], { directory: DIRECTORY, ...more });

/** What one condition comes to for one recipient. */
async function asked(conditions: Condition, record: FactRecord): Promise<string> {
  return outcomesOf(await judge([{ conditions }], record))[0] ?? '';
}

describe('facts of the directory', () => {
  it.each<[string, Condition, string]>([
    ['a group of the sender', { fact: 'sender.groups', operator: 'contains', value: 'Sales' }, 'matched'],
    ['another group', { fact: 'sender.groups', operator: 'contains', value: 'board' }, 'notMatched'],
    ['membership by name', { fact: 'sender.groups', operator: 'memberOf', value: 'SALES' }, 'matched'],
    ['membership by address', { fact: 'sender.groups', operator: 'memberOf', value: 'Sales@Example.com' }, 'matched'],
    ['no membership', { fact: 'sender.groups', operator: 'memberOf', value: ['board', 'x'] }, 'notMatched'],
    ['a sender in a group', { fact: 'sender.address', operator: 'memberOf', value: ['board', 'staff'] }, 'matched'],
    [
      'a sender in both',
      { fact: 'sender.address', operator: 'everyValue:memberOf', value: ['board', 'staff'] },
      'notMatched',
    ],
    ['a sender in none', { fact: 'sender.address', operator: 'not:memberOf', value: 'board' }, 'matched'],
    ['a recipient in a group', { fact: 'recipient.address', operator: 'memberOf', value: 'board' }, 'matched'],
    ['every recipient in one', { fact: 'rcptTo', operator: 'everyFact:memberOf', value: 'staff' }, 'matched'],
    ['a group of the recipient', { fact: 'recipient.groups', operator: 'memberOf', value: 'sales' }, 'notMatched'],
    ['the manager of the sender', { fact: 'sender.manager', operator: 'equal', value: 'Boss@example.com' }, 'matched'],
    ['the manager of the recipient', { fact: 'recipient.manager', operator: 'equal', value: BOSS }, 'notMatched'],
    ['somebody without a manager', { fact: 'recipient.manager', operator: 'exists' }, 'matched'],
    [
      'an attribute',
      { fact: 'sender.attribute', operator: 'equal', value: 'sales', params: { name: 'Department' } },
      'matched',
    ],
    [
      'an attribute as it is written',
      {
        fact: 'sender.attribute',
        operator: 'equal',
        value: 'sales',
        params: { name: 'department', caseSensitive: true },
      },
      'notMatched',
    ],
    [
      'one that nobody has',
      { fact: 'recipient.attribute', operator: 'exists', params: { name: 'toString' } },
      'notMatched',
    ],
    [
      'words in one of the recipient',
      { fact: 'recipient.attribute', operator: 'containsWords', value: 'field', params: { name: 'department' } },
      'matched',
    ],
    ['who may ask for protection', { fact: 'sender.canEncrypt', operator: 'equal', value: true }, 'matched'],
    ['a manager as sender', { fact: 'relation', operator: 'contains', value: 'senderManagesRecipient' }, 'matched'],
    [
      'a manager as recipient',
      { fact: 'relation', operator: 'contains', value: 'recipientManagesSender' },
      'notMatched',
    ],
    ['a common department', { fact: 'relation', operator: 'contains', value: 'sameAttribute:Department' }, 'matched'],
    ['a common city', { fact: 'relation', operator: 'doesNotContain', value: 'sameAttribute:city' }, 'matched'],
    ['a wall', { fact: 'relation', operator: 'contains', value: 'between:sales/board' }, 'matched'],
    [
      'a wall from the other side',
      { fact: 'relation', operator: 'contains', value: 'between:Board/sales@example.com' },
      'matched',
    ],
    ['within one group', { fact: 'relation', operator: 'contains', value: 'between:sales/sales' }, 'notMatched'],
    [
      'all of several relations',
      { fact: 'relation', operator: 'everyValue:contains', value: ['between:staff/staff', 'recipientManagesSender'] },
      'notMatched',
    ],
  ])('say %s', async (_name, condition, outcome) => {
    expect(await asked(condition, recordFor(DORA))).toBe(outcome);
  });

  it('are nothing of people whom the directory does not know, who may not encrypt', async () => {
    const record = recordFor(ANN, { headerFrom: [senderOf(ANN)], envelopeFrom: senderOf(SUE) });
    const said = async (condition: Condition): Promise<string> => await asked(condition, record);
    expect(await said({ fact: 'sender.groups', operator: 'exists' })).toBe('notMatched');
    expect(await said({ fact: 'recipient.address', operator: 'not:memberOf', value: 'staff' })).toBe('matched');
    expect(await said({ fact: 'sender.canEncrypt', operator: 'equal', value: false })).toBe('matched');
    expect(await said({ fact: 'relation', operator: 'contains', value: 'between:staff/staff' })).toBe('notMatched');
    const envelope = { fact: 'sender.canEncrypt', operator: 'equal', value: true, params: { from: 'envelope' } };
    expect(await said(envelope)).toBe('matched');
    expect(await asked({ ...envelope, params: {} }, { ...record, headerFrom: [] })).toBe('notMatched');
  });

  it('see through aliases: a manager is known by any address', async () => {
    const alias = 's.smith@example.com';
    const directory = { ...DIRECTORY, [alias]: DIRECTORY[SUE]! };
    const record = recordFor(DORA, { headerFrom: [senderOf(alias)], directory });
    expect(await asked({ fact: 'relation', operator: 'contains', value: 'senderManagesRecipient' }, record)).toBe(
      'matched',
    );
  });

  it.each<[string, Condition]>([
    ['groups', { fact: 'recipient.groups', operator: 'contains', value: 'x' }],
    ['a negation', { not: { fact: 'recipient.address', operator: 'memberOf', value: 'x' } }],
    ['a relation', { fact: 'relation', operator: 'doesNotContain', value: 'senderManagesRecipient' }],
  ])('guarantee that a directory which is away makes no match and none less: %s', async (_name, condition) => {
    expect(await asked(condition, recordFor(BOB))).toBe('failed ERR_DIRECTORY_UNAVAILABLE');
    expect(await asked(condition, recordFor('new@customer.example'))).toBe('failed ERR_DIRECTORY_UNASKED');
    const { directory: _none, ...unasked } = recordFor(DORA);
    expect(await asked(condition, unasked)).toBe('failed ERR_DIRECTORY_UNASKED');
  });

  it('decide an address list by the address that is in the group, whatever is not known of the others', async () => {
    const member: Condition = { fact: 'rcptTo', operator: 'memberOf', value: 'board' };
    const verdict = await judge([{ conditions: member }], recordOf([DORA, BOB], { directory: DIRECTORY }));
    expect(outcomesOf(verdict)).toEqual(['matched, matched']);
    const other = await judge([{ conditions: member }], recordOf([BOB, SUE], { directory: DIRECTORY }));
    expect(outcomesOf(other)).toEqual(['failed ERR_DIRECTORY_UNAVAILABLE, failed ERR_DIRECTORY_UNAVAILABLE']);
  });
});

describe('the manager of the sender', () => {
  const COPY: Partial<Rule> = { actions: [{ type: 'bcc', addresses: ['senderManager', 'Archive@example.com'] }] };
  const addressesOf = ({ branches }: Verdict): readonly string[] =>
    branches.flatMap(({ recipients }) => recipients.map(({ address, origin }) => `${address} ${origin}`));

  it('stands for an address in actions', async () => {
    expect(addressesOf(await judge([COPY], recordFor(DORA)))).toEqual([
      `${DORA} envelope`,
      `${BOSS} added`,
      'archive@example.com added',
    ]);
    const redirect: Partial<Rule> = { actions: [{ type: 'redirect', addresses: ['senderManager'] }] };
    expect(addressesOf(await judge([redirect], recordFor(DORA)))).toEqual([`${DORA} redirected`, `${BOSS} added`]);
  });

  it('is that of everybody in From', async () => {
    const headerFrom = [senderOf(SUE), senderOf(DORA)];
    const sent = addressesOf(await judge([COPY], recordFor(ANN, { headerFrom })));
    expect(sent).toContain(`${BOSS} added`);
    expect(sent).toContain(`${SUE} added`);
  });

  it.each([
    ['nobody is named', BOSS, 'ERR_MANAGER_UNKNOWN'],
    ['the sender is not known', ANN, 'ERR_MANAGER_UNKNOWN'],
    ['the directory is away', BOB, 'ERR_DIRECTORY_UNAVAILABLE'],
    ['nobody asked', 'else@example.com', 'ERR_DIRECTORY_UNASKED'],
  ])('guarantees that a copy which was asked for is not lost: where %s the rule fails', async (_name, from, code) => {
    const verdict = await judge([COPY, { mode: 'audit', ...COPY }], recordFor(DORA, { headerFrom: [senderOf(from)] }));
    expect(outcomesOf(verdict)).toEqual([`failed ${code}`, 'skipped held']);
    expect(verdict.branches[0]?.ending).toEqual({ type: 'hold', rule: 'r0', code });
    const skipping = await judge([{ ...COPY, onError: 'skip' }], recordFor(DORA, { headerFrom: [senderOf(from)] }));
    expect(addressesOf(skipping)).toEqual([`${DORA} envelope`]);
    expect(outcomesOf(await judge([COPY], recordFor(DORA, { headerFrom: [] })))).toEqual([
      'failed ERR_MANAGER_UNKNOWN',
    ]);
  });

  it('is no address whose keys could be looked up before', () => {
    const content = { rules: [ruleOf(COPY)], settings: SETTINGS };
    expect(addedAddresses(content)).toEqual(['archive@example.com']);
    expect(compileRuleSet(content).rules[0]?.reads).toMatchObject({ senderManager: true });
  });
});
