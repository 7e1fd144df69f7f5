import type { Rule } from '#lib/rules';
import { testKey } from '../../../../test/support/smime-keys.js';
import { evaluateDryRun } from '../dry-run.js';
import { FakeLine, ORGANIZATION } from '../fakes/fake-line.js';
import type { Judge } from '../ports.js';
import { explainMessage, type ExplainInput, type JudgedMessage } from './explain-message.js';
import type { Explanation } from './explanation.js';

const ANN = 'ann@customer.example';
const BOB = 'bob@customer.example';
const RAW = `From: sue@example.com\r\nTo: ${ANN}\r\nCc: ${BOB}\r\nSubject: Figures\r\n\r\nfinancial records\r\n`;
const ENCRYPT = {
  type: 'encrypt',
  method: 'auto',
  template: 'encrypt-only',
  onMissingKey: 'hold',
  subject: 'keep',
} as const;
const isFor = (address: string) => ({ fact: 'recipient.address', operator: 'equal', value: address });
const says = (words: string) => ({ fact: 'body', operator: 'containsWords', value: words });
const NOTED = [{ type: 'audit', severity: 'none' }] as const;
const RULES: readonly Partial<Rule>[] = [
  { id: 'off', name: 'Off', enabled: false, actions: NOTED },
  { id: 'unmet', name: 'Left out', actions: NOTED, conditions: { all: [says('never said')] } },
  {
    id: 'excepted',
    name: 'Excepted',
    conditions: says('records'),
    exceptions: { any: [isFor(ANN)] },
    actions: [{ type: 'prependSubject', text: '[x] ' }],
  },
  {
    id: 'keyed',
    name: 'Has a key',
    conditions: { fact: 'recipient.keys', operator: 'contains', value: 'smime' },
    actions: NOTED,
  },
  { id: 'sealed', name: 'Sealed', conditions: says('financial records'), actions: [ENCRYPT] },
];
const ALL = { first: 0, count: 200 };

type More = Partial<Omit<ExplainInput, 'message' | 'loadTrace'>> & {
  readonly message?: Partial<JudgedMessage>;
  readonly judge?: Judge;
};

async function explain(line: FakeLine, id: string, { message = {}, judge, ...more }: More = {}): Promise<Explanation> {
  const { loadTrace, ...judged } = line.record.judged(id);
  const ports = judge === undefined ? line.ports : { ...line.ports, judge };
  const explanation = await explainMessage(ports, {
    message: { ...judged, ...message },
    loadTrace,
    range: ALL,
    ...more,
  });
  if (explanation === undefined) throw new Error('no such judging');
  return explanation;
}

function outcomesOf({ rules }: Explanation): Record<string, readonly string[]> {
  return Object.fromEntries(
    rules.map(({ id, recipients }) => [id, recipients.map(({ outcome, reason }) => reason ?? outcome)]),
  );
}

/** A judge of another version: it reads the same message by other rules. */
function otherJudge(line: FakeLine, change: (rule: Rule) => Rule): Judge {
  return {
    judge: (request) => {
      const { hash, content } = request.ruleSet;
      return line.judge.judge({
        ...request,
        ruleSet: { hash, content: { ...content, rules: content.rules.map(change) } },
      });
    },
  };
}

describe('the explanation of a message', () => {
  it('guarantees what a dry run at the time would have said of every rule and recipient, page by page', async () => {
    const line = new FakeLine(RULES);
    line.keys.add(ANN, testKey('ann').certificate);
    const ruleSet = { hash: line.ruleSet, content: await line.ruleSets.load(ORGANIZATION, line.ruleSet) };
    const question = { organizationId: ORGANIZATION, raw: Buffer.from(RAW), mailFrom: 'sue@example.com', ruleSet };
    const said = await evaluateDryRun(line.ports, { ...question, rcptTo: [ANN, BOB], isTrusted: true });
    const id = await line.send(RAW, { rcptTo: [ANN, BOB] });
    const whole = await explain(line, id);
    expect(whole).toMatchObject({ state: 'judged', ruleSet: line.ruleSet, recipients: [ANN, BOB], isDifferent: false });
    expect(whole).toMatchObject({ unexplained: null, next: null, earlier: [], isContentKept: true });
    expect(whole.rules).toEqual(said.rules);
    expect(outcomesOf(whole)).toEqual({
      off: ['disabled', 'disabled'],
      unmet: ['notMatched', 'notMatched'],
      excepted: ['excepted', 'matched'],
      keyed: ['matched', 'notMatched'],
      sealed: ['matched', 'matched'],
    });
    expect(whole.rules[1]?.unmet).toEqual(['/conditions/all/0']);
    const paged: Explanation['rules'][number][] = [];
    for (let next: Explanation['next'] = { judging: 0, first: 0 }; next !== null;) {
      const page: Explanation = await explain(line, id, {
        judging: next.judging,
        range: { first: next.first, count: 2 },
      });
      expect(page.rules.length).toBeLessThanOrEqual(2);
      paged.push(...page.rules);
      next = page.next;
    }
    expect(paged).toEqual(said.rules);
  });

  it('is of one recipient where only that one is asked for', async () => {
    const line = new FakeLine(RULES);
    line.keys.add(ANN, testKey('ann').certificate);
    const id = await line.send(RAW, { rcptTo: [ANN, BOB] });
    const { rules, recipients } = await explain(line, id, { recipient: BOB });
    expect(recipients).toEqual([BOB]);
    expect(rules.flatMap((rule) => rule.recipients.map(({ address }) => address))).toEqual(rules.map(() => BOB));
    const named = new Set(rules.flatMap((rule) => rule.why.map(({ recipient }) => recipient)));
    expect(named).toEqual(new Set([undefined, BOB]));
  });

  it('guarantees that why a rule did not match stays true when it was edited, deleted, or the world has changed', async () => {
    const line = new FakeLine(RULES);
    const id = await line.send(RAW, { rcptTo: [ANN, BOB] });
    const before = await explain(line, id);
    line.keys.add(ANN, testKey('ann').certificate);
    line.keys.add(BOB, testKey('bob').certificate);
    line.publish([{ id: 'unmet', name: 'Now it matches', conditions: says('records'), actions: NOTED }]);
    line.clock.set(new Date('2027-01-01T00:00:00Z'));
    expect(await explain(line, id)).toEqual(before);
    expect(outcomesOf(before)['keyed']).toEqual(['notMatched', 'notMatched']);
    const why = before.rules.find((rule) => rule.id === 'keyed')?.why;
    expect(why?.map(({ recipient, matched }) => [recipient, matched])).toEqual([
      [ANN, false],
      [BOB, false],
    ]);
  });

  it('guarantees that each recipient is explained by the run that judged it last, with what was known then', async () => {
    const line = new FakeLine(RULES);
    line.keys.add(ANN, testKey('ann').certificate);
    const id = await line.send(RAW, { rcptTo: [ANN, BOB] });
    expect(line.record.recipient(id, BOB)).toMatchObject({ state: 'held', code: 'ERR_KEY_MISSING' });
    line.keys.add(BOB, testKey('bob').certificate);
    line.clock.set(new Date('2026-11-24T13:00:00Z'));
    line.record.wake(id, [BOB]);
    await line.work();
    const last = await explain(line, id);
    expect(last).toMatchObject({ judgedAt: '2026-11-24T13:00:00.000Z', recipients: [BOB], isDifferent: false });
    expect(outcomesOf(last)['keyed']).toEqual(['matched']);
    expect(last.earlier).toEqual([
      {
        state: 'judged',
        reason: null,
        judgedAt: '2026-11-24T12:00:00.000Z',
        ruleSet: line.ruleSet,
        recipients: [ANN],
      },
    ]);
    const first = await explain(line, id, { recipient: ANN });
    expect(first).toMatchObject({ judgedAt: '2026-11-24T12:00:00.000Z', recipients: [ANN], isDifferent: false });
    expect(outcomesOf(first)['keyed']).toEqual(['matched']);
    // A page that was begun goes on with the judging that it was begun with.
    expect(await explain(line, id, { judging: 0 })).toMatchObject({ recipients: [ANN] });
    await expect(explain(line, id, { judging: 2 })).rejects.toThrow('no such judging');
  });

  it('names the rule set of a later rejudge for whom it was asked, and leaves the others theirs', async () => {
    const line = new FakeLine([{ id: 'park', conditions: isFor(BOB), actions: [{ type: 'quarantine' }] }]);
    const pinned = line.ruleSet;
    const id = await line.send(RAW, { rcptTo: [ANN, BOB] });
    const now = line.publish([{ id: 'let', conditions: isFor(BOB), actions: NOTED }]);
    line.record.rejudge(id, [BOB]);
    await line.work();
    expect(await explain(line, id)).toMatchObject({ ruleSet: now, recipients: [BOB], rules: [{ id: 'let' }] });
    const ann = await explain(line, id, { recipient: ANN });
    expect(ann).toMatchObject({ ruleSet: pinned, recipients: [ANN], isDifferent: false, rules: [{ id: 'park' }] });
  });

  it('explains what was parked and released as it was judged the second time', async () => {
    const line = new FakeLine([
      { id: 'park', actions: [{ type: 'quarantine' }] },
      { id: 'tag', actions: [{ type: 'prependSubject', text: '[x] ' }] },
    ]);
    const id = await line.send(RAW, { rcptTo: [ANN] });
    expect(outcomesOf(await explain(line, id))).toEqual({ park: ['matched'], tag: ['parked'] });
    line.record.wake(id, [ANN], { resumeAfterRule: 'park', parkedByRule: null });
    await line.work();
    expect(line.record.recipient(id, ANN).state).toBe('delivered');
    const released = await explain(line, id);
    expect(outcomesOf(released)).toEqual({ park: ['matched'], tag: ['matched'] });
    expect(released.isDifferent).toBe(false);
    // The first judging is kept as well, with nobody left for whom it counts.
    expect(released.earlier).toEqual([]);
    expect(await explain(line, id, { judging: 0 })).toMatchObject({ recipients: [], isDifferent: false });
  });

  it('guarantees that where another version of the judge differs the outcome of then stands, and the other beside it', async () => {
    const line = new FakeLine(RULES);
    const id = await line.send(RAW, { rcptTo: [ANN, BOB] });
    const judge = otherJudge(line, (rule) => (rule.id === 'unmet' ? { ...rule, conditions: isFor(ANN) } : rule));
    const told = await explain(line, id, { judge });
    expect(told).toMatchObject({ isDifferent: true, judgeVersion: 1, judgeVersionNow: 1, unexplained: null });
    const [, unmet, ...others] = told.rules;
    expect(unmet).toMatchObject({
      outcome: 'notMatched',
      difference: { outcome: 'matched' },
      recipients: [
        { address: ANN, outcome: 'notMatched', difference: { outcome: 'matched' } },
        { address: BOB, outcome: 'notMatched' },
      ],
    });
    expect(unmet?.recipients[1]).not.toHaveProperty('difference');
    for (const rule of others) expect(rule).not.toHaveProperty('difference');
    // Also on a page that has nothing of it.
    const page = await explain(line, id, { judge, range: { first: 2, count: 1 } });
    expect(page.isDifferent).toBe(true);
  });

  it('has the outcomes alone once the content is destroyed, or where the judge of now ends in a code', async () => {
    const line = new FakeLine(RULES);
    const id = await line.send(RAW, { rcptTo: [ANN, BOB] });
    const before = await explain(line, id);
    const bare = before.rules.map(({ unmet: _unmet, overruled: _overruled, ...rule }) => ({ ...rule, why: [] }));
    const destroyed = await explain(line, id, { message: { isContentKept: false } });
    expect(destroyed).toEqual({ ...before, isContentKept: false, unexplained: 'contentDestroyed', rules: bare });
    const judge: Judge = { judge: () => Promise.resolve({ kind: 'unjudged', code: 'ERR_RULE_SET_INVALID' }) };
    expect(await explain(line, id, { judge })).toEqual({ ...before, unexplained: 'ERR_RULE_SET_INVALID', rules: bare });
  });

  it('says what was not judged by rules: a limit, a notice, nothing yet', async () => {
    const line = new FakeLine(RULES);
    const hops = `${'Received: x\r\n'.repeat(60)}${RAW}`;
    const held = await line.send(hops, { rcptTo: [ANN] });
    expect(await explain(line, held)).toMatchObject({
      ...{ state: 'unjudged', reason: 'ERR_LOOP_HOPS', recipients: [ANN], rules: [], next: null },
    });
    line.record.wake(held, [ANN], { isUnprotected: true });
    await line.work();
    expect(line.record.recipient(held, ANN).state).toBe('delivered');
    expect(await explain(line, held)).toMatchObject({ state: 'unjudged', reason: 'ERR_LOOP_HOPS', recipients: [ANN] });
    const notice = [...line.record.messages.values()].find(({ input }) => input.kind === 'notice');
    expect(await explain(line, notice?.input.id ?? '')).toMatchObject({ state: 'passed', reason: 'notice', rules: [] });
    const waiting = await line.submit(RAW, { rcptTo: [ANN] });
    expect(await explain(line, waiting)).toMatchObject({ state: 'notJudged', judgedAt: null, rules: [] });
    const old = { judgings: [], isJudged: true };
    expect(await explain(line, waiting, { message: old })).toMatchObject({ state: 'notKept', rules: [] });
  });

  it('guarantees that a page stays within bounds, and the next one goes on', async () => {
    const value = Array.from({ length: 20 }, (_, n) => `${String.fromCharCode(97 + n)}${'x'.repeat(190)}`);
    const rules = Array.from({ length: 60 }, (_, n) => ({
      id: `r${n}`,
      actions: NOTED,
      conditions: { all: Array.from({ length: 60 }, () => ({ fact: 'body', operator: 'containsText', value })) },
    }));
    const line = new FakeLine(rules);
    const id = await line.send(`${RAW}${value.join('\r\n')}\r\n`, { rcptTo: [ANN] });
    const page = await explain(line, id);
    expect(page.rules.length).toBeGreaterThan(0);
    expect(page.rules.length).toBeLessThan(60);
    expect(JSON.stringify(page).length).toBeLessThan(9 << 20);
    expect(page.next).toEqual({ judging: 0, first: page.rules.length });
  });
});
