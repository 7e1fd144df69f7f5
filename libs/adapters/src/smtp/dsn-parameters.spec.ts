import { dsnOfMail, dsnOfRecipient } from './dsn-parameters.js';

describe('parameters of RFC 3461', () => {
  it('says of the message what was asked', () => {
    expect(dsnOfMail({ dsnReturn: 'HDRS', envid: 'QQ314159' })).toBe(' RET=HDRS ENVID=QQ314159');
    expect(dsnOfMail({ dsnReturn: null, envid: null })).toBe('');
    expect(dsnOfMail({ dsnReturn: 'FULL', envid: 'a+2Bb' })).toBe(' RET=FULL ENVID=a+2Bb');
    expect(dsnOfMail({ dsnReturn: null, envid: 'a b=c+é\r\nRCPT' })).toBe(' ENVID=a+20b+3Dc+2B+C3+A9+0D+0ARCPT');
    expect(dsnOfMail({ dsnReturn: null, envid: 'x'.repeat(101) })).toBe('');
  });

  it.each([
    ['SUCCESS,FAILURE', 'rfc822;ann@customer.example', ' NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;ann@customer.example'],
    ['NEVER', undefined, ' NOTIFY=NEVER'],
    [undefined, 'rfc822;ann+2Bx@customer.example', ' ORCPT=rfc822;ann+2Bx@customer.example'],
    [undefined, 'utf-8;änn@customer.example', ' ORCPT=utf-8;+C3+A4nn@customer.example'],
    ['NEVER,FAILURE', undefined, ''],
    ['SUCCESS\r\nDATA', undefined, ''],
    [undefined, 'no type', ''],
    [undefined, `rfc822;${'x'.repeat(600)}`, ''],
  ])('says of a recipient with NOTIFY %j and ORCPT %j: %j', (notify, orcpt, expected) => {
    expect(dsnOfRecipient(notify, orcpt)).toBe(expected);
  });
});
