import { acceptedOf, type SampleOptions } from './fakes/samples.js';
import { brand, type Emitted, type Outgoing, type RecipientRecord, type RelayResult } from './message.js';
import { settle, statusOf, type Settled } from './settle.js';

const ANN = 'ann@customer.example';
const BOB = 'bob@customer.example';
const NOW = new Date('2026-11-24T12:00:00Z');
const HOUR_MS = 3_600_000;

type Result = Omit<RelayResult, 'address'>;

function settled(
  results: Readonly<Record<string, Result>>,
  given: {
    readonly records?: Readonly<Record<string, Partial<RecipientRecord>>>;
    readonly accepted?: Omit<SampleOptions, 'rcptTo'>;
    readonly isAttempted?: boolean;
  } = {},
): Settled {
  const addresses = Object.keys(results);
  const accepted = acceptedOf({
    ...given.accepted,
    rcptTo: addresses.map((address) => ({ address, ...given.records?.[address] })),
  });
  const outgoing = {
    deliveryId: 'a-delivery',
    protection: 'none',
    recipients: accepted.recipients.map(({ address, origin }) => ({ address, origin, rules: ['r'] })),
  } as unknown as Outgoing;
  const emitted = brand<Emitted>({
    outgoing,
    results: Object.entries(results).map(([address, result]) => ({ address, ...result })),
    isAttempted: given.isAttempted ?? true,
  });
  return settle(emitted, accepted, NOW);
}

function told({ notify }: Settled): unknown {
  return notify.map(({ type, recipients, status }) => [type, ...recipients, ...status.map(({ code }) => code)]);
}

const OK: Result = { outcome: 'delivered', reply: '250 2.0.0 ok' };
const LATER: Result = { outcome: 'temporary', reply: '451 4.7.1 greylisted' };
const NO: Result = { outcome: 'permanent', reply: '550 5.1.1 no such user' };

function ago(hours: number): string {
  return new Date(NOW.getTime() - hours * HOUR_MS).toISOString();
}

describe('settle', () => {
  it('gives each recipient its own end', () => {
    const all = settled({ [ANN]: OK, [BOB]: LATER, 'carl@x.example': NO });
    expect(all.recipients.map(({ state, lastReply, attempted }) => [state, lastReply, attempted])).toEqual([
      ['delivered', '250 2.0.0 ok', true],
      ['deferred', '451 4.7.1 greylisted', true],
      ['bounced', '550 5.1.1 no such user', true],
    ]);
    expect(told(all)).toEqual([['failure', 'carl@x.example', '5.1.1']]);
    expect(all.events.map(({ type }) => type)).toEqual(['emitted', 'delivered', 'bounced', 'deferred']);
  });

  it('is due again after a minute, later after more failures', () => {
    const first = settled({ [ANN]: LATER }).dueAt?.getTime() ?? 0;
    expect(first - NOW.getTime()).toBeGreaterThanOrEqual(48_000);
    expect(first - NOW.getTime()).toBeLessThanOrEqual(60_000);
    const late = settled({ [ANN]: LATER }, { records: { [ANN]: { attempts: 30, firstAttemptAt: ago(50) } } });
    expect((late.dueAt?.getTime() ?? 0) - NOW.getTime()).toBeGreaterThanOrEqual(0.8 * 4 * HOUR_MS);
    expect(settled({ [ANN]: OK }).dueAt).toBeNull();
  });

  it('tells of a delay after four hours, and not before', () => {
    expect(told(settled({ [ANN]: LATER }, { records: { [ANN]: { firstAttemptAt: ago(3.9) } } }))).toEqual([]);
    const late = settled({ [ANN]: LATER }, { records: { [ANN]: { firstAttemptAt: ago(4) } } });
    expect(told(late)).toEqual([['delay', ANN, '4.7.1']]);
    const later = settled({ [ANN]: LATER }, { records: { [ANN]: { firstAttemptAt: ago(9) } } });
    expect(later.notify[0]?.id).toBe(late.notify[0]?.id);
  });

  it('gives up after five days', () => {
    const over = settled({ [ANN]: LATER }, { records: { [ANN]: { firstAttemptAt: ago(120) } } });
    expect(over.recipients[0]?.state).toBe('bounced');
    expect(told(over)).toEqual([['failure', ANN, '5.4.7']]);
    expect(over.notify[0]?.status[0]?.reply).toContain('451 4.7.1 greylisted');
    expect(over.dueAt).toBeNull();
  });

  it('waits 15 seconds where no relay is configured, counts no attempt and never gives up', () => {
    const waiting = settled(
      { [ANN]: { outcome: 'temporary', reply: 'No relay is configured.' } },
      { isAttempted: false, records: { [ANN]: { state: 'deferred', firstAttemptAt: ago(1_000) } } },
    );
    expect(waiting.recipients[0]).toMatchObject({ state: 'deferred', attempted: false, lastReply: null });
    expect(waiting.dueAt).toEqual(new Date(NOW.getTime() + 15_000));
    expect(waiting.notify).toEqual([]);
    expect(waiting.events).toEqual([]);
  });

  it('says once that it waits for a relay', () => {
    const waiting = settled({ [ANN]: { outcome: 'temporary', reply: '' } }, { isAttempted: false });
    expect(waiting.events.map(({ type }) => type)).toEqual(['deferred']);
  });

  it.each([
    ['NEVER', NO, []],
    ['NEVER', OK, []],
    [['SUCCESS'], OK, [['success', ANN, '2.0.0']]],
    [['SUCCESS'], NO, []],
    [['FAILURE'], NO, [['failure', ANN, '5.1.1']]],
    [['DELAY'], NO, []],
    [null, OK, []],
    [null, NO, [['failure', ANN, '5.1.1']]],
  ] as const)('honours NOTIFY %s', (notify, result, expected) => {
    expect(told(settled({ [ANN]: result }, { records: { [ANN]: { notify } } }))).toEqual(expected);
  });

  it.each([
    [['FAILURE'], []],
    [['FAILURE', 'DELAY'], [['delay', ANN, '4.7.1']]],
    ['NEVER', []],
  ] as const)('honours NOTIFY %s for delays', (notify, expected) => {
    const late = settled({ [ANN]: LATER }, { records: { [ANN]: { notify, firstAttemptAt: ago(5) } } });
    expect(told(late)).toEqual(expected);
  });

  it('does not say relayed where the relay tells the sender itself', () => {
    const records = { [ANN]: { notify: ['SUCCESS'] as const } };
    expect(told(settled({ [ANN]: { ...OK, isDsnPassedOn: true } }, { records }))).toEqual([]);
  });

  it.each([
    ['the null sender', { envelope: { mailFrom: '' } }],
    ['a sender who was not authenticated', { connection: { isAuthenticated: false } }],
  ])('guarantees that %s gets no DSN; the postmaster hears of what is undeliverable', (_name, accepted) => {
    expect(told(settled({ [ANN]: NO }, { accepted }))).toEqual([['failure', ANN, '5.1.1']]);
    const late = { accepted, records: { [ANN]: { firstAttemptAt: ago(5) } } };
    expect(told(settled({ [ANN]: LATER }, late))).toEqual([]);
  });

  it('guarantees that nothing is ever told about a notice of ours', () => {
    const accepted = { kind: 'notice', envelope: { mailFrom: '' }, connection: { source: 'system' } } as const;
    expect(told(settled({ [ANN]: NO }, { accepted }))).toEqual([]);
  });

  it('guarantees that the sender is not told of recipients whom rules added', () => {
    const both = settled({ [ANN]: NO, [BOB]: NO }, { records: { [BOB]: { origin: 'added' } } });
    expect(told(both)).toEqual([
      ['failure', ANN, '5.1.1'],
      ['failure', BOB, '5.1.1'],
    ]);
  });

  it.each([
    ['550 5.1.1 no such user', 'permanent', '5.1.1'],
    ['550-5.7.26 more to come', 'permanent', '5.7.26'],
    ['550 no such user', 'permanent', '5.0.0'],
    ['5.6.7 needs SMTPUTF8', 'permanent', '5.6.7'],
    ['451 try later 5.1.1', 'temporary', '4.0.0'],
    ['451 5.1.1 odd', 'temporary', '4.0.0'],
    ['', 'temporary', '4.0.0'],
    ['250 2.1.5 fine', 'delivered', '2.1.5'],
  ] as const)('reads the status of %s', (reply, outcome, expected) => {
    expect(statusOf(reply, outcome)).toBe(expected);
  });
});
