import { compileLeaf } from '../language/leaf.js';
import { recordOf, senderOf, SETTINGS } from '../fakes/samples.js';
import type { FactRecord, HeaderEdit } from '../types.js';
import { Looks } from './look.js';
import { People } from './person.js';
import { readFact } from './read-fact.js';

const ANN = { address: 'ann@partner.example', displayName: 'Ann', in: 'cc', keys: ['smime'] } as const;

function read(fact: string, record: FactRecord, edits: readonly HeaderEdit[] = [], params = {}): unknown {
  const looks = new Looks();
  const look = looks.of({ edits, added: [], removed: [], protection: null });
  const [recipient] = new People(record, looks.received, () => -1).all;
  const leaf = compileLeaf(0, { fact, operator: 'exists', params });
  const elements = readFact(leaf, { record, settings: SETTINGS, look, recipient: recipient! });
  return 'items' in elements ? elements.items : elements.errorCode;
}

describe('a fact', () => {
  const record = recordOf([ANN, 'bob@example.com', 'carl@other.example'], {
    headers: { 'x-a': ['1', '2'] },
    headerFrom: [senderOf('sue@example.com', 'Sue')],
    envelopeFrom: senderOf('bounce@mailer.example'),
    message: { to: ['to@x.example'], cc: ['cc@x.example'], body: undefined, 'attachment.count': 0 },
  });

  it.each<[string, object, unknown]>([
    ['subject', {}, ['Figures']],
    ['body', {}, []],
    ['subjectOrBody', {}, ['Figures']],
    ['header', { name: 'X-A' }, ['1', '2']],
    ['header', { name: 'X-B' }, []],
    ['header', { name: 'constructor' }, []],
    ['sender.address', {}, ['sue@example.com']],
    ['sender.address', { from: 'envelope' }, ['bounce@mailer.example']],
    ['sender.address', { from: 'either' }, ['sue@example.com', 'bounce@mailer.example']],
    ['sender.domain', { from: 'either' }, ['example.com', 'mailer.example']],
    ['sender.displayName', {}, ['Sue']],
    ['sender.scope', {}, ['internal']],
    ['sender.scope', { from: 'envelope' }, ['external']],
    ['sender.scope', { from: 'either' }, ['internal', 'external']],
    ['sender.isAuthenticated', {}, [true]],
    ['sender.ip', {}, ['192.0.2.1']],
    ['recipient.address', {}, ['ann@partner.example']],
    ['recipient.domain', {}, ['partner.example']],
    ['recipient.displayName', {}, ['Ann']],
    ['recipient.scope', {}, ['partner']],
    ['recipient.in', {}, ['cc']],
    ['recipient.keys', {}, ['smime']],
    ['to', {}, ['to@x.example']],
    ['cc', {}, ['cc@x.example']],
    ['toOrCc', {}, ['to@x.example', 'cc@x.example']],
    ['rcptTo', {}, ['ann@partner.example', 'bob@example.com', 'carl@other.example']],
    ['recipients.count', {}, [3]],
    ['recipients.externalCount', {}, [2]],
    ['message.sensitivity', {}, ['normal']],
    ['message.spamScore', {}, []],
    ['message.classification', {}, []],
    ['time.hour', {}, [12]],
    ['time.weekday', {}, ['tuesday']],
    ['time.date', {}, ['2026-11-24']],
    ['attachment.count', {}, [0]],
    ['attachment.names', {}, []],
  ])('%s %j is %j', (fact, params, expected) => {
    expect(read(fact, record, [], params)).toEqual(expected);
  });

  it('of a sender who is not there is undefined, and external', () => {
    const bounce = { ...record, headerFrom: [], envelopeFrom: null };
    expect(read('sender.address', bounce)).toEqual([]);
    expect(read('sender.domain', bounce, [], { from: 'either' })).toEqual([]);
    expect(read('sender.scope', bounce)).toEqual(['external']);
  });

  it('of several senders or subjects has all that a program may show', () => {
    const nameless = { address: undefined, domain: undefined, displayName: 'Bob' };
    const many = recordOf([ANN], {
      headerFrom: [senderOf('sue@example.com'), nameless, senderOf('eve@other.example', 'Eve')],
      message: { subject: ['Hello', 'secret'], body: 'x' },
    });
    expect(read('sender.address', many)).toEqual(['sue@example.com', 'eve@other.example']);
    expect(read('sender.domain', many, [], { from: 'either' })).toEqual([
      'example.com',
      'other.example',
      'example.com',
    ]);
    expect(read('sender.displayName', many, [], { from: 'either' })).toEqual(['Bob', 'Eve']);
    expect(read('sender.scope', many)).toEqual(['internal', 'external', 'external']);
    expect(read('subject', many)).toEqual(['Hello', 'secret']);
    expect(read('subjectOrBody', many)).toEqual(['Hello', 'secret', 'x']);
    expect(read('subject', many, [{ type: 'setSubject', text: '[x] Hello' }])).toEqual(['[x] Hello']);
  });

  it('guarantees that a forged address of ours is external', () => {
    expect(read('sender.scope', { ...record, isAuthenticated: false })).toEqual(['external']);
  });

  it('that could not be had is an error of whatever holds it', () => {
    const broken = recordOf([ANN], { message: { subject: { errorCode: 'ERR_A' }, to: { errorCode: 'ERR_B' } } });
    expect(['subject', 'subjectOrBody', 'to', 'toOrCc', 'cc'].map((fact) => read(fact, broken))).toEqual([
      'ERR_A',
      'ERR_A',
      'ERR_B',
      'ERR_B',
      [],
    ]);
  });

  it.each([
    ['text for a number', 'attachment.count', '1'],
    ['a number for text', 'body', 1],
    ['a list with another thing in it', 'attachment.names', ['a', 1]],
  ])('is in error with %s', (_name, fact, value) => {
    const odd = recordOf([ANN], { message: { [fact]: value as string } });
    expect(read(fact, odd)).toBe('ERR_FACT_INVALID');
  });
});

describe('importance', () => {
  const importance = (...fields: readonly (readonly [string, string])[]): unknown =>
    read(
      'message.importance',
      recordOf([ANN], { message: { 'message.importance': 'high' } }),
      fields.map(([name, value]) => ({ type: 'setHeader', name, value })),
    );

  it.each<[readonly (readonly [string, string])[], string]>([
    [[], 'high'],
    [[['X-Other', 'low']], 'high'],
    [[['Importance', 'Low']], 'low'],
    [[['Importance', 'normal']], 'normal'],
    [[['Importance', 'nonsense']], 'normal'],
    [[['X-Priority', '1 (Highest)']], 'high'],
    [[['X-Priority', '5']], 'low'],
    [
      [
        ['X-Priority', '5'],
        ['Importance', 'high'],
      ],
      'high',
    ],
    [
      [
        ['X-MSMail-Priority', 'High'],
        ['Priority', 'non-urgent'],
      ],
      'high',
    ],
    [[['Priority', 'non-urgent']], 'low'],
    [[['Priority', 'urgent']], 'high'],
  ])('after a rule wrote %j is %s', (fields, expected) => {
    expect(importance(...fields)).toEqual([expected]);
  });

  it('is normal when a rule takes its field out', () => {
    const record = recordOf([ANN], { headers: { importance: ['high'] }, message: { 'message.importance': 'high' } });
    expect(read('message.importance', record, [{ type: 'removeHeader', name: 'importance' }])).toEqual(['normal']);
  });
});
