import { validateRule } from './validate-rule.js';

const MINIMAL = { name: 'Rule', actions: [{ type: 'stop' }] };

function shortOf(input: unknown): readonly string[] {
  const result = validateRule(input);
  return 'problems' in result ? result.problems.map(({ pointer, code }) => `${pointer} ${code}`) : [];
}

describe('a rule', () => {
  it('needs a name and actions, and gets the rest', () => {
    expect(validateRule({ name: 'Encrypt', actions: [{ type: 'encrypt', method: 'auto' }] })).toEqual({
      rule: {
        name: 'Encrypt',
        description: '',
        enabled: true,
        mode: 'enforce',
        conditions: { all: [] },
        exceptions: null,
        actions: [{ type: 'encrypt', method: 'auto', template: 'encrypt-only', onMissingKey: 'hold', subject: 'keep' }],
        appliesTo: 'matchingRecipients',
        stopProcessing: false,
        onError: 'hold',
        activateAt: null,
        expireAt: null,
      },
    });
  });

  it('keeps all that is given, times in UTC', () => {
    const input = {
      name: 'Financial records to outsiders',
      description: 'two\nlines',
      enabled: false,
      mode: 'auditAndNotify',
      priority: 0,
      conditions: { all: [{ fact: 'recipient.scope', operator: 'equal', value: 'external' }] },
      exceptions: { any: [{ fact: 'subject', operator: 'containsWords', value: ['public'] }] },
      actions: [{ type: 'audit', severity: 'high' }],
      appliesTo: 'allRecipients',
      stopProcessing: true,
      onError: 'skip',
    };
    const times = { activateAt: '2026-11-24T09:00:00+01:00', expireAt: '2026-12-24t08:00:00.5z' };
    expect(validateRule({ ...input, ...times })).toEqual({
      rule: { ...input, activateAt: '2026-11-24T08:00:00.000Z', expireAt: '2026-12-24T08:00:00.500Z' },
    });
  });

  it('reads again as what it was read as', () => {
    const first = validateRule({
      ...MINIMAL,
      actions: [{ type: 'reject' }, { type: 'setHeader', name: 'X-A', value: '1' }],
    });
    expect(first).toHaveProperty('rule');
    expect(validateRule('rule' in first && first.rule)).toEqual(first);
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a list', [MINIMAL]],
    ['text', '{}'],
    ['a number', 1],
  ])('is not %s', (_name, input) => {
    expect(shortOf(input)).toEqual([' ERR_RULE_UNREADABLE']);
  });

  it.each<[string, object, string]>([
    ['a blank name', { name: ' ' }, '/name ERR_VALUE_INVALID'],
    ['a name of two lines', { name: 'a\nb' }, '/name ERR_VALUE_INVALID'],
    ['a long name', { name: 'x'.repeat(201) }, '/name ERR_VALUE_INVALID'],
    ['a name that is no text', { name: 1 }, '/name ERR_VALUE_INVALID'],
    ['half a character', { name: 'a\ud800' }, '/name ERR_VALUE_INVALID'],
    ['a description with NUL', { description: 'a\0b' }, '/description ERR_VALUE_INVALID'],
    ['enabled as text', { enabled: 'true' }, '/enabled ERR_VALUE_INVALID'],
    ['enabled as null', { enabled: null }, '/enabled ERR_VALUE_INVALID'],
    ['an unknown mode', { mode: 'test' }, '/mode ERR_VALUE_INVALID'],
    ['a negative priority', { priority: -1 }, '/priority ERR_VALUE_INVALID'],
    ['half a priority', { priority: 0.5 }, '/priority ERR_VALUE_INVALID'],
    ['a priority as text', { priority: '1' }, '/priority ERR_VALUE_INVALID'],
    ['conditions that are null', { conditions: null }, '/conditions ERR_CONDITION_INVALID'],
    ['exceptions from every message', { exceptions: { all: [] } }, '/exceptions ERR_RULE_CONTRADICTORY'],
    ['an unknown scope', { appliesTo: 'all' }, '/appliesTo ERR_VALUE_INVALID'],
    ['an unknown answer to errors', { onError: 'ignore' }, '/onError ERR_VALUE_INVALID'],
    ['a day that is not there', { activateAt: '2026-02-30T00:00:00Z' }, '/activateAt ERR_VALUE_INVALID'],
    ['an hour that is not there', { activateAt: '2026-02-20T24:00:00Z' }, '/activateAt ERR_VALUE_INVALID'],
    ['a time without zone', { activateAt: '2026-02-20T00:00:00' }, '/activateAt ERR_VALUE_INVALID'],
    ['a date alone', { expireAt: '2026-02-20' }, '/expireAt ERR_VALUE_INVALID'],
    ['a time as number', { expireAt: 1_700_000_000 }, '/expireAt ERR_VALUE_INVALID'],
    [
      'an end before the begin',
      { activateAt: '2026-02-20T01:00:00+02:00', expireAt: '2026-02-19T23:00:00Z' },
      '/expireAt ERR_VALUE_INVALID',
    ],
    ['an unknown property', { priorty: 1 }, '/priorty ERR_PROPERTY_UNKNOWN'],
    ['what comes later', { rollout: { percent: 20 } }, '/rollout ERR_PROPERTY_UNKNOWN'],
    ['what the store gives', { id: 'x' }, '/id ERR_PROPERTY_UNKNOWN'],
    [
      'skipping a rule that protects',
      { onError: 'skip', actions: [{ type: 'encrypt' }] },
      '/onError ERR_RULE_CONTRADICTORY',
    ],
  ])('is refused for %s', (_name, change, expected) => {
    expect(shortOf({ ...MINIMAL, ...change })).toEqual([expected]);
  });

  it('says everything that is missing', () => {
    expect(shortOf({})).toEqual(['/name ERR_PROPERTY_MISSING', '/actions ERR_PROPERTY_MISSING']);
  });

  it('is not misled by names of Object', () => {
    expect(
      shortOf(JSON.parse('{"name":"x","actions":[{"type":"__proto__"}],"__proto__":{"x":1},"constructor":1}')),
    ).toEqual([
      '/__proto__ ERR_PROPERTY_UNKNOWN',
      '/constructor ERR_PROPERTY_UNKNOWN',
      '/actions/0/type ERR_ACTION_UNKNOWN',
    ]);
  });

  it('has sentences that name what is allowed and never what was given', () => {
    const secret = 'hunter2';
    const result = validateRule({
      ...MINIMAL,
      mode: secret,
      conditions: { all: [{ fact: secret, operator: secret, value: secret }] },
      actions: [{ type: secret }, { type: 'setHeader', name: 'Received', value: secret }],
    });
    const messages = 'problems' in result ? result.problems.map(({ message }) => message) : [];
    expect(messages.join()).not.toContain(secret);
    expect(messages[1]).toMatch(/subject, body/);
  });
});
