import { parsePathCommand, type PathCommand } from './parse-path-command.js';
import { readMail } from './read-mail.js';
import { readRecipient } from './read-recipient.js';

function parsed(verb: 'MAIL FROM' | 'RCPT TO', rest: string): PathCommand {
  const command = parsePathCommand(verb, Buffer.from(`${verb}:${rest}`));
  if (command === false) throw new Error('does not parse');
  return command;
}
const mail = (rest: string) => readMail(parsed('MAIL FROM', rest));
const rcpt = (rest: string, isSmtpUtf8 = false) => readRecipient(parsed('RCPT TO', rest), { isSmtpUtf8 });
const code = (expected: string): object => expect.objectContaining({ code: expected });

describe('readMail', () => {
  it('keeps RET and ENVID as they were given', () => {
    expect(mail('<ann@clinic.example>')).toEqual({ mailFrom: 'ann@clinic.example', dsnReturn: null, envid: null });
    expect(mail('<> RET=hdrs ENVID=QQ+2B314 SIZE=5 BODY=8BITMIME AUTH=<>')).toEqual({
      mailFrom: '',
      dsnReturn: 'HDRS',
      envid: 'QQ+2B314',
    });
  });

  it.each([
    ['<a@b.example> RET=ALL', 'ERR_PARAMETER_MALFORMED'],
    ['<a@b.example> ENVID=a+b', 'ERR_PARAMETER_MALFORMED'],
    ['<a@b.example> ENVID=a+2b', 'ERR_PARAMETER_MALFORMED'],
    [`<a@b.example> ENVID=${'a'.repeat(101)}`, 'ERR_PARAMETER_MALFORMED'],
    ['<a@b.example> MT-PRIORITY=3', 'ERR_PARAMETER_UNKNOWN'],
    ['<a@b.example> NOTIFY=NEVER', 'ERR_PARAMETER_UNKNOWN'],
    ['<änn@b.example>', 'ERR_SMTPUTF8_MISSING'],
    ['<ann@bücher.example>', 'ERR_SMTPUTF8_MISSING'],
  ])('%s: %s', (rest, expected) => {
    expect(() => mail(rest)).toThrow(code(expected) as Error);
  });

  it('takes other letters with SMTPUTF8', () => {
    expect(mail('<änn@bücher.example> SMTPUTF8').mailFrom).toBe('änn@xn--bcher-kva.example');
  });
});

describe('readRecipient', () => {
  it('gives the address in our form, and what was asked', () => {
    expect(rcpt('<Bob@Customer.Example>')).toEqual({
      address: 'bob@customer.example',
      notify: null,
      orcpt: null,
      path: 'Bob@customer.example',
    });
    expect(rcpt('<bob@customer.example>')).toEqual({ address: 'bob@customer.example', notify: null, orcpt: null });
    expect(rcpt('<b@c.example> NOTIFY=never').notify).toBe('NEVER');
    expect(rcpt('<b@c.example> NOTIFY=SUCCESS,delay,SUCCESS').notify).toEqual(['SUCCESS', 'DELAY']);
    expect(rcpt('<b@c.example> ORCPT=rfc822;bob+2Bx@c.example').orcpt).toBe('rfc822;bob+2Bx@c.example');
    expect(rcpt('<b@c.example> ORCPT=utf-8;b\\x{FC}b@c.example').orcpt).toBe('utf-8;b\\x{FC}b@c.example');
    expect(rcpt('<Postmaster>').address).toBe('postmaster');
  });

  it.each([
    ['<b@c.example> NOTIFY=NEVER,DELAY', 'ERR_PARAMETER_MALFORMED'],
    ['<b@c.example> NOTIFY=SOON', 'ERR_PARAMETER_MALFORMED'],
    ['<b@c.example> NOTIFY=DELAY,', 'ERR_PARAMETER_MALFORMED'],
    ['<b@c.example> ORCPT=bob@c.example', 'ERR_PARAMETER_MALFORMED'],
    ['<b@c.example> ORCPT=rfc822;', 'ERR_PARAMETER_MALFORMED'],
    ['<b@c.example> ORCPT=rfc822;a+b', 'ERR_PARAMETER_MALFORMED'],
    ['<b@c.example> ORCPT=;a', 'ERR_PARAMETER_MALFORMED'],
    [`<b@c.example> ORCPT=rfc822;${'a'.repeat(500)}`, 'ERR_PARAMETER_MALFORMED'],
    ['<b@c.example> SIZE=1', 'ERR_PARAMETER_UNKNOWN'],
    ['<bäb@c.example>', 'ERR_SMTPUTF8_MISSING'],
  ])('%s: %s', (rest, expected) => {
    expect(() => rcpt(rest)).toThrow(code(expected) as Error);
  });

  it('takes other letters in a transaction with SMTPUTF8', () => {
    expect(rcpt('<Bäb@c.example>', true).address).toBe('bäb@c.example');
  });
});
