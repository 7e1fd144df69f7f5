import { FlowError } from '../errors.js';
import { acceptedOf, branchOf, ENCRYPT, judgedOf, mailOf } from '../fakes/samples.js';
import type { Plan } from '../message.js';
import { plan } from './plan.js';

const ANN = 'ann@customer.example';
const BOB = 'bob@customer.example';
const CARL = 'carl@customer.example';

function groupsOf({ groups }: Plan): unknown {
  return groups.map(({ recipients, protection }) => [protection, ...recipients.map(({ address }) => address)]);
}

function statesOf({ dispositions }: Plan): unknown {
  return dispositions.map(({ address, state, code }) => [address, state, code]);
}

describe('plan', () => {
  it('gives recipients that the header shows one copy together', () => {
    const judged = judgedOf(acceptedOf({ rcptTo: [ANN, BOB] }), [branchOf([ANN, BOB], { protection: ENCRYPT })]);
    expect(groupsOf(plan(judged, [ANN, BOB]))).toEqual([['smime', ANN, BOB]]);
  });

  it('guarantees that whoever stands in no header has a copy alone', () => {
    const recipients = [ANN, { address: BOB, in: 'bcc' } as const, { address: CARL, in: 'bcc' } as const];
    const accepted = acceptedOf({ rcptTo: [ANN, BOB, CARL] });
    for (const protection of [ENCRYPT, null]) {
      const made = plan(judgedOf(accepted, [branchOf(recipients, { protection })]), [ANN, BOB, CARL]);
      expect(made.groups.map((group) => group.recipients.length)).toEqual([1, 1, 1]);
    }
  });

  it('joins branches whose bytes are the same and parts those whose are not', () => {
    const accepted = acceptedOf({ rcptTo: [ANN, BOB, CARL] });
    const edits = [{ type: 'setSubject', text: '[x] Hello' }] as const;
    const judged = judgedOf(accepted, [
      branchOf([{ address: ANN, rules: ['r1'] }]),
      branchOf([{ address: BOB, rules: ['r2'] }]),
      branchOf([CARL], { edits }),
    ]);
    expect(groupsOf(plan(judged, []))).toEqual([
      ['none', ANN, BOB],
      ['none', CARL],
    ]);
  });

  it.each([
    ['hold', 'held'],
    ['reject', 'rejected'],
  ] as const)('%ss a copy whose recipient has no key, and lets the others have theirs', (onMissingKey, state) => {
    const protection = { ...ENCRYPT, method: 'smime', onMissingKey, subject: 'keep' } as const;
    const made = plan(judgedOf(acceptedOf({ rcptTo: [ANN, BOB] }), [branchOf([ANN, BOB], { protection })]), [ANN]);
    expect(groupsOf(made)).toEqual([['smime', ANN]]);
    expect(statesOf(made)).toEqual([[BOB, state, 'ERR_KEY_MISSING']]);
  });

  it.each([
    ['reject', { type: 'reject', rule: 'r', text: 'No.', enhancedStatusCode: '5.7.1' }, 'rejected', undefined],
    ['delete', { type: 'delete', rule: 'r' }, 'deleted', undefined],
    ['quarantine', { type: 'quarantine', rule: 'r' }, 'quarantined', undefined],
    ['hold', { type: 'hold', rule: null, code: 'ERR_PATTERN_LIMIT' }, 'held', 'ERR_PATTERN_LIMIT'],
  ] as const)('gives nothing to those whose branch ends in %s', (_name, ending, state, code) => {
    const made = plan(judgedOf(acceptedOf({ rcptTo: [ANN] }), [branchOf([ANN], { ending })]), []);
    expect(made.groups).toEqual([]);
    expect(statesOf(made)).toEqual([[ANN, state, code]]);
  });

  it('gives the mail of a redirected recipient to the others alone', () => {
    const branch = branchOf([
      { address: ANN, origin: 'redirected' },
      { address: BOB, origin: 'added', in: 'bcc' },
    ]);
    const made = plan(judgedOf(acceptedOf({ rcptTo: [ANN] }), [branch]), []);
    expect(groupsOf(made)).toEqual([['none', BOB]]);
    expect(made.groups[0]?.recipients[0]?.origin).toBe('added');
    expect(statesOf(made)).toEqual([[ANN, 'redirected', undefined]]);
  });

  it('holds a redirected recipient for whom a rule failed: nobody knows yet who gets what on its account', () => {
    const ending = { type: 'hold', rule: 'r', code: 'ERR_PATTERN_LIMIT' } as const;
    const branch = branchOf([{ address: ANN, origin: 'redirected' }], { ending });
    const made = plan(judgedOf(acceptedOf({ rcptTo: [ANN] }), [branch]), []);
    expect(statesOf(made)).toEqual([[ANN, 'held', 'ERR_PATTERN_LIMIT']]);
  });

  it('does not send again to those who are not pending, added ones included', () => {
    const accepted = acceptedOf({
      rcptTo: [{ address: ANN, state: 'delivered' }, BOB, { address: CARL, origin: 'added', state: 'deferred' }],
    });
    const branch = branchOf([ANN, BOB, { address: CARL, origin: 'added', in: 'bcc' }]);
    expect(groupsOf(plan(judgedOf(accepted, [branch]), []))).toEqual([['none', BOB]]);
  });

  it('holds copies that are to be sealed where the header has lines that would leave in clear, and no others', () => {
    const accepted = acceptedOf({
      rcptTo: [ANN, BOB, { address: CARL, isUnprotected: true }, 'dora@customer.example'],
    });
    const sealed = branchOf([ANN, BOB, CARL], {
      protection: { method: 'auto', onMissingKey: 'reject', subject: 'keep' },
    });
    const judged = judgedOf(accepted, [sealed, branchOf(['dora@customer.example'])], mailOf({ hasStrayLines: true }));
    const made = plan(judged, [ANN]);
    expect(statesOf(made)).toEqual([
      [ANN, 'held', 'ERR_MAIL_STRAY_LINES'],
      [BOB, 'held', 'ERR_MAIL_STRAY_LINES'],
    ]);
    expect(made.dispositions[0]).toMatchObject({ protection: 'smime' });
    expect(groupsOf(made)).toEqual([['none', CARL, 'dora@customer.example']]);
  });

  it('sends in clear to the one recipient for whom a person said so', () => {
    const accepted = acceptedOf({ rcptTo: [{ address: ANN, isUnprotected: true }, BOB] });
    const made = plan(judgedOf(accepted, [branchOf([ANN, BOB], { protection: ENCRYPT })]), [BOB]);
    expect(groupsOf(made)).toEqual([
      ['none', ANN],
      ['smime', BOB],
    ]);
  });

  it('guarantees that of the verdict on a copy released unprotected nothing but the protection is passed over', () => {
    const accepted = acceptedOf({ rcptTo: [{ address: ANN, isUnprotected: true }] });
    for (const [ending, state, code] of [
      [{ type: 'hold', rule: 'r', code: 'ERR_CHARSET_UNKNOWN' }, 'held', 'ERR_CHARSET_UNKNOWN'],
      [{ type: 'quarantine', rule: 'r' }, 'quarantined', undefined],
    ] as const) {
      const made = plan(judgedOf(accepted, [branchOf([ANN], { protection: ENCRYPT, ending })]), [ANN]);
      expect(made.groups).toEqual([]);
      expect(statesOf(made)).toEqual([[ANN, state, code]]);
    }
  });

  it('drops a recipient whom the rules of now no longer add', () => {
    const accepted = acceptedOf({ rcptTo: [ANN, { address: CARL, origin: 'added' }] });
    expect(statesOf(plan(judgedOf(accepted, [branchOf([ANN])]), []))).toEqual([[CARL, 'deleted', undefined]]);
  });

  it.each([
    ['stands in no branch', []],
    ['stands in two branches', [branchOf([ANN]), branchOf([ANN], { protection: ENCRYPT })]],
  ])('guarantees that a recipient who %s gets nothing by guess', (_name, branches) => {
    expect(() => plan(judgedOf(acceptedOf({ rcptTo: [ANN] }), branches), [ANN])).toThrow(
      new FlowError('ERR_RECIPIENT_UNJUDGED'),
    );
  });

  it('lets what passes without rules go as it is', () => {
    const mail = mailOf({ to: [{ address: ANN, displayName: '' }] });
    const made = plan(judgedOf(acceptedOf({ rcptTo: [ANN, BOB] }), null, mail), []);
    expect(groupsOf(made)).toEqual([
      ['none', ANN],
      ['none', BOB],
    ]);
  });

  it('gives back no text of the message', () => {
    expect(plan(judgedOf(acceptedOf(), [branchOf([ANN])]), []).mail.body).toBe('');
  });
});
