import { isAddressField } from '#lib/core';
import { fillMailboxes, fillPlaceholders, mailboxesProblem } from './placeholders.js';

const valueOf =
  (displayName: string, address = 'ann@example.com') =>
  (name: string) =>
    name.endsWith('address') ? address : displayName;

describe('a list of mailboxes', () => {
  it.each([
    ['{{sender.displayName}} <x@y.example>', 'Ann', '"Ann" <x@y.example>'],
    ['{{sender.displayName}} <x@y.example>', '', ' <x@y.example>'],
    ['{{subject}} <x@y.example>', 'a" <evil@x.y>, "b', '"a\\" <evil@x.y>, \\"b" <x@y.example>'],
    ['{{sender.displayName}} <x@y.example>', 'a\\" b\\', '"a\\\\\\" b\\\\" <x@y.example>'],
    ['"{{sender.displayName}} via us" <x@y.example>', 'Müller, "J"', '"Müller, \\"J\\" via us" <x@y.example>'],
    ['"a\\{{sender.displayName}}" <x@y.example>', '", evil@x.y', '"a\\\\\\", evil@x.y" <x@y.example>'],
    ['"\\\\{{sender.displayName}}" <x@y.example>', '"', '"\\\\\\"" <x@y.example>'],
    ['x@y.example ({{sender.displayName}})', 'a), evil@x.y (\\', 'x@y.example (a\\), evil@x.y \\(\\\\)'],
    ['x@y.example ("{{sender.displayName}}")', '")', 'x@y.example (""\\)")'],
    ['\\{{sender.displayName}} <x@y.example>', 'a, evil@x.y', '\\ "a, evil@x.y" <x@y.example>'],
    ['{{sender.displayName}}{{sender.displayName}}:;', 'a:', '"a:""a:":;'],
    ['<{{sender.address}}>, {{recipient.address}}', '', '<ann@example.com>, ann@example.com'],
    ['"({{sender.displayName}}" <x@y.example>', '(")', '"((\\")" <x@y.example>'],
  ])('%j filled with %j is %j', (text, name, expected) => {
    expect(mailboxesProblem(text)).toBeUndefined();
    expect(fillMailboxes(text, valueOf(name))).toBe(expected);
  });

  it('has no address that is none, except in quotes, where it is no address', () => {
    const odd = 'a>, <evil@x.example';
    expect(fillMailboxes('<{{sender.address}}>, x@y.example', valueOf('', odd))).toBe('<>, x@y.example');
    expect(fillMailboxes('"{{sender.address}}" <x@y.example>', valueOf('', 'a"b'))).toBe('"a\\"b" <x@y.example>');
  });

  it.each([
    ['<{{sender.displayName}}>', /part of an address/],
    ['{{sender.displayName}}@example.com', /part of an address/],
    ['x@{{subject}}', /part of an address/],
    ['"{{sender.displayName}} <x@y.example>', /closed/],
    ['x@y.example ({{sender.displayName}}', /closed/],
    ['{{sender.displayName}} <x@y.example', /closed/],
  ])('is refused when saved: %j', (text, message) => {
    expect(mailboxesProblem(text)).toMatch(message);
  });

  it.each(['"unclosed', 'a (b', '<{{sender.address}}>', '"{{sender.displayName}}@x" <x@y.example>'])(
    'may be saved: %j',
    (text) => {
      expect(mailboxesProblem(text)).toBeUndefined();
    },
  );

  it('stands in these fields', () => {
    for (const name of ['Reply-To', 'Errors-To', 'Disposition-Notification-To', 'return-receipt-to', 'Sender', 'CC']) {
      expect([name, isAddressField(name)]).toEqual([name, true]);
    }
    for (const name of ['Resent-Sender', 'Resent-Bcc', 'Mail-Followup-To', 'X-Confirm-Reading-To', 'From']) {
      expect([name, isAddressField(name)]).toEqual([name, true]);
    }
    for (const name of ['In-Reply-To', 'X-Outside-Sender', 'Subject', 'X-Auto', 'Auto-Submitted', 'Comments']) {
      expect([name, isAddressField(name)]).toEqual([name, false]);
    }
  });
});

describe('another text', () => {
  it('has values as they are, in one line', () => {
    expect(fillPlaceholders('{{ sender.displayName }}!', valueOf('a" <b>,\r\nX:\u2028c'))).toBe('a" <b>, X: c!');
  });

  it('guarantees that a name does not turn around what the rule says', () => {
    const turned = '\u202eAnn\u2066 \u200fB\u061c';
    expect(fillPlaceholders('[from {{sender.displayName}}] ', valueOf(turned))).toBe('[from Ann B] ');
    expect(fillMailboxes('{{sender.displayName}} <x@y.example>', valueOf(turned))).toBe('"Ann B" <x@y.example>');
    expect(fillPlaceholders('{{sender.address}}', valueOf('', 'a\u200fb@x.example'))).toBe('a\u200fb@x.example');
  });
});
