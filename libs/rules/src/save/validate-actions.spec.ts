import type { RuleProblem } from '../types.js';
import { validateRule } from './validate-rule.js';

function problemsOf(...actions: readonly unknown[]): readonly RuleProblem[] {
  const result = validateRule({ name: 'x', actions });
  return 'problems' in result ? result.problems : [];
}

function shortOf(...actions: readonly unknown[]): readonly string[] {
  return problemsOf(...actions).map(({ pointer, code }) => `${pointer.replace('/actions', '')} ${code}`);
}

describe('an action', () => {
  it.each([
    ['encrypt', {}, { method: 'auto', template: 'encrypt-only', onMissingKey: 'hold', subject: 'keep' }],
    [
      'encrypt',
      { method: 'smime', onMissingKey: 'reject', subject: 'hide', sign: false, branding: null, expireAfterDays: null },
      { method: 'smime', template: 'encrypt-only', onMissingKey: 'reject', subject: 'hide' },
    ],
    ['prependSubject', { text: '[x] ' }, { text: '[x] ' }],
    [
      'setHeader',
      { name: 'X-Tag', value: 'von {{sender.displayName}}' },
      { name: 'X-Tag', value: 'von {{sender.displayName}}' },
    ],
    ['replaceSubject', { text: 'Ticket: {{subject}}' }, { text: 'Ticket: {{subject}}' }],
    ['classify', { name: ' Company confidential' }, { name: 'Company confidential' }],
    ['setSpamScore', { score: -1 }, { score: -1 }],
    ['setSpamScore', { score: 6.125 }, { score: 6.125 }],
    ['setImportance', { importance: 'low' }, { importance: 'low' }],
    ['removeHeader', { name: 'DKIM-Signature' }, { name: 'DKIM-Signature' }],
    ['addRecipient', { addresses: ['A@b.example'] }, { addresses: ['A@b.example'], as: 'to' }],
    ['addRecipient', { addresses: ['a@b.example'], as: 'cc' }, { addresses: ['a@b.example'], as: 'cc' }],
    ['bcc', { addresses: ['a@b.example'] }, { addresses: ['a@b.example'] }],
    ['redirect', { addresses: ['a@bücher.example'] }, { addresses: ['a@bücher.example'] }],
    ['reject', {}, { text: 'Delivery not authorized, message refused', enhancedStatusCode: '5.7.1' }],
    [
      'reject',
      { text: 'Ask {{sender.address}}.', enhancedStatusCode: '5.7.999' },
      { text: 'Ask {{sender.address}}.', enhancedStatusCode: '5.7.999' },
    ],
    ['delete', {}, {}],
    ['quarantine', {}, {}],
    ['stop', {}, {}],
    ['audit', {}, { severity: 'none' }],
    ['audit', { severity: 'high' }, { severity: 'high' }],
  ])('%s %j', (type, given, read) => {
    expect(validateRule({ name: 'x', actions: [{ type, ...given }] })).toMatchObject({
      rule: { actions: [{ type, ...read }] },
    });
  });

  it.each<[string, unknown, string[]]>([
    ['text', 'encrypt', ['/0/type ERR_PROPERTY_MISSING']],
    ['no type', {}, ['/0/type ERR_PROPERTY_MISSING']],
    ['an unknown type', { type: 'forward' }, ['/0/type ERR_ACTION_UNKNOWN']],
    ['a type of Object', { type: 'valueOf' }, ['/0/type ERR_ACTION_UNKNOWN']],
    ['a type that comes later', { type: 'disclaimer', html: 'x' }, ['/0/type ERR_ACTION_UNKNOWN']],
    ['an unknown property', { type: 'delete', silently: true }, ['/0/silently ERR_PROPERTY_UNKNOWN']],
    ['no text for the subject', { type: 'replaceSubject' }, ['/0/text ERR_PROPERTY_MISSING']],
    [
      'a subject of two lines',
      { type: 'replaceSubject', text: 'a\r\nBcc: b@c.example' },
      ['/0/text ERR_VALUE_INVALID'],
    ],
    ['an unknown placeholder', { type: 'replaceSubject', text: '{{body}}' }, ['/0/text ERR_PLACEHOLDER_UNKNOWN']],
    ['no classification', { type: 'classify' }, ['/0/name ERR_PROPERTY_MISSING']],
    ['a classification with a line end', { type: 'classify', name: 'a\nX: 1' }, ['/0/name ERR_VALUE_INVALID']],
    ['no score', { type: 'setSpamScore' }, ['/0/score ERR_PROPERTY_MISSING']],
    ['a score that is text', { type: 'setSpamScore', score: '5' }, ['/0/score ERR_VALUE_INVALID']],
    ['a score of many decimals', { type: 'setSpamScore', score: 1e-7 }, ['/0/score ERR_VALUE_INVALID']],
    ['a score beyond all', { type: 'setSpamScore', score: 1e9 }, ['/0/score ERR_VALUE_INVALID']],
    ['no importance', { type: 'setImportance' }, ['/0/importance ERR_PROPERTY_MISSING']],
    ['another importance', { type: 'setImportance', importance: 'urgent' }, ['/0/importance ERR_VALUE_INVALID']],
    ['a method that comes later', { type: 'encrypt', method: 'portal' }, ['/0/method ERR_VALUE_UNSUPPORTED']],
    ['another method that comes later', { type: 'encrypt', method: 'openpgp' }, ['/0/method ERR_VALUE_UNSUPPORTED']],
    ['a method that is none', { type: 'encrypt', method: 'rot13' }, ['/0/method ERR_VALUE_INVALID']],
    [
      'the portal for missing keys',
      { type: 'encrypt', onMissingKey: 'portal' },
      ['/0/onMissingKey ERR_VALUE_UNSUPPORTED'],
    ],
    ['another template', { type: 'encrypt', template: 'do-not-forward' }, ['/0/template ERR_VALUE_UNSUPPORTED']],
    ['a signature', { type: 'encrypt', sign: true }, ['/0/sign ERR_VALUE_UNSUPPORTED']],
    ['a branding', { type: 'encrypt', branding: 'blue' }, ['/0/branding ERR_VALUE_UNSUPPORTED']],
    ['an expiry', { type: 'encrypt', expireAfterDays: 7 }, ['/0/expireAfterDays ERR_VALUE_UNSUPPORTED']],
    ['no text to prepend', { type: 'prependSubject' }, ['/0/text ERR_PROPERTY_MISSING']],
    [
      'a subject of two lines',
      { type: 'prependSubject', text: 'a\r\nBcc: x@y.example' },
      ['/0/text ERR_VALUE_INVALID'],
    ],
    [
      'an unknown placeholder',
      { type: 'prependSubject', text: '{{sender.title}} {{nope}}' },
      ['/0/text ERR_PLACEHOLDER_UNKNOWN', '/0/text ERR_PLACEHOLDER_UNKNOWN'],
    ],
    ['nothing of a header', { type: 'setHeader' }, ['/0/value ERR_PROPERTY_MISSING', '/0/name ERR_PROPERTY_MISSING']],
    [
      'a value that adds a line',
      { type: 'setHeader', name: 'X-A', value: 'a\nX-B: b' },
      ['/0/value ERR_VALUE_INVALID'],
    ],
    ['an empty value', { type: 'setHeader', name: 'X-A', value: '' }, ['/0/value ERR_VALUE_INVALID']],
    [
      'a name that adds a line',
      { type: 'setHeader', name: 'X-A: b\r\nX-B', value: '1' },
      ['/0/name ERR_VALUE_INVALID'],
    ],
    ['no addresses', { type: 'bcc' }, ['/0/addresses ERR_PROPERTY_MISSING']],
    ['an empty list of addresses', { type: 'redirect', addresses: [] }, ['/0/addresses ERR_VALUE_INVALID']],
    ['one address that is no list', { type: 'redirect', addresses: 'a@b.example' }, ['/0/addresses ERR_VALUE_INVALID']],
    [
      'no address',
      { type: 'bcc', addresses: ['a@b.example', 'ann', 1] },
      ['/0/addresses/1 ERR_VALUE_INVALID', '/0/addresses/2 ERR_VALUE_INVALID'],
    ],
    [
      'a manager in other letters',
      { type: 'bcc', addresses: ['senderManager', 'sendermanager', 'recipientManager'] },
      ['/0/addresses/1 ERR_VALUE_INVALID', '/0/addresses/2 ERR_VALUE_INVALID'],
    ],
    ['an unknown place', { type: 'addRecipient', addresses: ['a@b.example'], as: 'from' }, ['/0/as ERR_VALUE_INVALID']],
    [
      'a status that is temporary',
      { type: 'reject', enhancedStatusCode: '4.7.1' },
      ['/0/enhancedStatusCode ERR_VALUE_INVALID'],
    ],
    [
      'a status that is a number',
      { type: 'reject', enhancedStatusCode: 5.7 },
      ['/0/enhancedStatusCode ERR_VALUE_INVALID'],
    ],
    ['the subject in a rejection', { type: 'reject', text: 'No: {{subject}}' }, ['/0/text ERR_PLACEHOLDER_UNKNOWN']],
    [
      'a name within an address',
      { type: 'setHeader', name: 'reply-to', value: '<{{sender.displayName}}>' },
      ['/0/value ERR_VALUE_INVALID'],
    ],
    ['an unknown severity', { type: 'audit', severity: 'fatal' }, ['/0/severity ERR_VALUE_INVALID']],
  ])('is refused for %s', (_name, action, expected) => {
    expect(shortOf(action)).toEqual(expected);
  });

  it('is one at least, and not too many', () => {
    expect(validateRule({ name: 'x', actions: [] })).toHaveProperty('problems');
    expect(validateRule({ name: 'x', actions: {} })).toHaveProperty('problems');
    expect(shortOf(...Array.from({ length: 51 }, () => ({ type: 'stop' })))).toEqual([' ERR_VALUE_INVALID']);
  });
});

describe('header fields', () => {
  it.each([
    'From',
    'SENDER',
    'Date',
    'Message-ID',
    'Received',
    'Return-Path',
    'MIME-Version',
    'Content-Type',
    'content-transfer-encoding',
    'Resent-To',
    'X-Sealflow-Id',
    'X-Sealflow-Loop',
    'Subject',
    'To',
    'Cc',
    'Bcc',
  ])('are protected: %s', (name) => {
    expect(shortOf({ type: 'setHeader', name, value: '1' })).toEqual(['/0/name ERR_HEADER_PROTECTED']);
    expect(shortOf({ type: 'removeHeader', name })).toEqual(['/0/name ERR_HEADER_PROTECTED']);
  });

  it.each(['DKIM-Signature', 'ARC-Seal', 'Authentication-Results', 'Received-SPF'])(
    'may be removed, not forged: %s',
    (name) => {
      expect(shortOf({ type: 'setHeader', name, value: '1' })).toEqual(['/0/name ERR_HEADER_PROTECTED']);
      expect(shortOf({ type: 'removeHeader', name })).toEqual([]);
    },
  );

  it.each([
    'X-MS-Exchange-Organization-BypassClutter',
    'Importance',
    'Reply-To',
    'Disposition-Notification-To',
    'List-Id',
  ])('are for rules: %s', (name) => {
    expect(shortOf({ type: 'setHeader', name, value: '1' })).toEqual([]);
    expect(shortOf({ type: 'removeHeader', name })).toEqual([]);
  });

  it('say what to use instead', () => {
    expect(problemsOf({ type: 'setHeader', name: 'subject', value: 'x' })[0]?.message).toMatch(/prependSubject/);
    expect(problemsOf({ type: 'removeHeader', name: 'Cc' })[0]?.message).toMatch(/addRecipient/);
  });
});

describe('actions of one rule', () => {
  const add = (as: string, ...addresses: readonly string[]) => ({ type: 'addRecipient', addresses, as });
  it.each<[string, unknown[]]>([
    ['reject and delete', [{ type: 'reject' }, { type: 'delete' }]],
    ['reject and redirect', [{ type: 'reject' }, { type: 'redirect', addresses: ['a@b.example'] }]],
    ['quarantine and delete', [{ type: 'quarantine' }, { type: 'delete' }]],
    ['two rejections that differ', [{ type: 'reject' }, { type: 'reject', text: 'No.' }]],
    ['two ways to encrypt', [{ type: 'encrypt' }, { type: 'encrypt', method: 'smime' }]],
    [
      'two values of one header',
      [
        { type: 'setHeader', name: 'X-A', value: '1' },
        { type: 'setHeader', name: 'x-a', value: '2' },
      ],
    ],
    [
      'a header set and removed',
      [
        { type: 'setHeader', name: 'X-A', value: '1' },
        { type: 'removeHeader', name: 'X-A' },
      ],
    ],
    ['an address in two places', [add('to', 'a@b.example'), add('cc', 'c@d.example', 'A@B.example')]],
    ['an address shown and hidden', [add('cc', 'a@b.example'), { type: 'bcc', addresses: ['a@b.example'] }]],
    [
      'two severities',
      [
        { type: 'audit', severity: 'low' },
        { type: 'audit', severity: 'high' },
      ],
    ],
  ])('contradict each other: %s', (_name, actions) => {
    expect(shortOf(...actions)).toEqual(['/1 ERR_RULE_CONTRADICTORY']);
    expect(problemsOf(...actions)[0]?.message).toMatch(/^contradicts action 0: /);
  });

  it.each<[string, unknown[]]>([
    ['the same twice', [{ type: 'delete' }, { type: 'delete' }]],
    ['encrypting what is rejected', [{ type: 'encrypt' }, { type: 'reject' }]],
    ['a copy of what is deleted', [{ type: 'bcc', addresses: ['a@b.example'] }, { type: 'delete' }]],
    ['an end and a stop', [{ type: 'stop' }, { type: 'quarantine' }]],
    [
      'two headers',
      [
        { type: 'setHeader', name: 'X-A', value: '1' },
        { type: 'setHeader', name: 'X-B', value: '2' },
      ],
    ],
    ['an address twice in one list', [add('to', 'a@b.example', 'A@b.example')]],
  ])('go together: %s', (_name, actions) => {
    expect(shortOf(...actions)).toEqual([]);
  });
});
