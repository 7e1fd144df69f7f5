import { recordOf, senderOf, SETTINGS } from '../fakes/samples.js';
import { compileLeaf } from '../language/leaf.js';
import type { HeaderEdit } from '../types.js';
import { Looks } from './look.js';
import { People } from './person.js';
import { readFact } from './read-fact.js';

const record = recordOf([{ address: 'ann@customer.example', displayName: 'Ann', in: 'to', keys: [] }], {
  headers: { 'x-a': ['guess'], 'x-b': ['known'] },
  headerFrom: [senderOf('sue@example.com', 'guess')],
  envelopeFrom: senderOf('sue@example.com'),
  unreadable: { fields: ['subject', 'x-a', 'from', 'to'], errorCode: 'ERR_CHARSET_UNKNOWN' },
});

function read(fact: string, params: object, edits: readonly HeaderEdit[]): unknown {
  const looks = new Looks();
  const look = looks.of({ edits, added: [], removed: [], protection: null });
  const [recipient] = new People(record, looks.received, () => -1).all;
  const leaf = compileLeaf(0, { fact, operator: 'exists', params: { ...params } });
  const elements = readFact(leaf, { record, settings: SETTINGS, look, recipient: recipient! });
  return 'items' in elements ? elements.items : elements.errorCode;
}

describe('a header field whose text cannot be told', () => {
  it.each<[string, object]>([
    ['subject', {}],
    ['subjectOrBody', {}],
    ['header', { name: 'X-A' }],
    ['header', { name: 'Subject' }],
    ['sender.displayName', {}],
    ['sender.displayName', { from: 'either' }],
    ['recipient.displayName', {}],
  ])('is an error of %s %j', (fact, params) => {
    expect(read(fact, params, [])).toBe('ERR_CHARSET_UNKNOWN');
  });

  it.each<[string, object, unknown]>([
    ['sender.displayName', { from: 'envelope' }, []],
    ['sender.address', {}, ['sue@example.com']],
    ['header', { name: 'X-B' }, ['known']],
  ])('is none of %s %j', (fact, params, expected) => {
    expect(read(fact, params, [])).toEqual(expected);
  });

  it('is none once a rule has written another', () => {
    expect(read('subject', {}, [{ type: 'setSubject', text: 'new' }])).toEqual(['new']);
    expect(read('header', { name: 'x-a' }, [{ type: 'setHeader', name: 'X-A', value: 'new' }])).toEqual(['new']);
    expect(read('header', { name: 'x-a' }, [{ type: 'removeHeader', name: 'X-A' }])).toEqual([]);
    expect(read('recipient.displayName', {}, [{ type: 'setHeader', name: 'To', value: 'new' }])).toBe(
      'ERR_CHARSET_UNKNOWN',
    );
  });
});
