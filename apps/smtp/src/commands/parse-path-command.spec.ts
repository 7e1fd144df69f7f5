import { bounded } from '../../../../test/support/bounded.js';
import { parsePathCommand } from './parse-path-command.js';

const mail = (text: string) => parsePathCommand('MAIL FROM', Buffer.from(text));
const rcpt = (text: string) => parsePathCommand('RCPT TO', Buffer.from(text));

describe('parsePathCommand', () => {
  it.each([
    ['MAIL FROM:<ann@clinic.example>', 'ann@clinic.example', {}],
    ['mail from:<ann@clinic.example>', 'ann@clinic.example', {}],
    ['MAIL FROM: <ann@clinic.example> ', 'ann@clinic.example', {}],
    ['MAIL FROM:<>', '', {}],
    ['MAIL FROM:<Ann.B@Clinic.EXAMPLE>', 'Ann.B@clinic.example', {}],
    ['MAIL FROM:<@a.example,@b.example:ann@clinic.example>', 'ann@clinic.example', {}],
    ['MAIL FROM:<"ann of the \\"clinic\\" <x>"@clinic.example>', '"ann of the \\"clinic\\" <x>"@clinic.example', {}],
    ['MAIL FROM:<ann@[192.0.2.1]>', 'ann@[192.0.2.1]', {}],
    ['MAIL FROM:<ann@bücher.example>', 'ann@xn--bcher-kva.example', {}],
    [
      'MAIL FROM:<a@b.example> SIZE=10 body=8BITMIME SMTPUTF8',
      'a@b.example',
      { SIZE: '10', BODY: '8BITMIME', SMTPUTF8: true },
    ],
    ['MAIL FROM:<a@b.example>  ENVID=QQ+2B314', 'a@b.example', { ENVID: 'QQ+2B314' }],
  ])('%s', (text, address, args) => {
    const parsed = mail(text);
    expect(parsed).toMatchObject({ address });
    expect(parsed !== false && (parsed.args === false ? {} : parsed.args)).toEqual(args);
  });

  it.each([
    'MAIL FROM:ann@clinic.example',
    'MAIL FROM <ann@clinic.example>',
    'MAIL FROM:<ann>',
    'MAIL FROM:<ann@>',
    'MAIL FROM:<@clinic.example>',
    'MAIL FROM:<ann@clinic..example>',
    'MAIL FROM:<ann@clinic.example',
    'MAIL FROM:<ann@clinic.example>SIZE=1',
    'MAIL FROM:<ann b@clinic.example>',
    'MAIL FROM:<.ann@clinic.example>',
    'MAIL FROM:<ann@clinic.example> =1',
    'MAIL FROM:<ann@clinic.example> SIZE==1',
    'MAIL FROM:<ann\u200b@clinic.example>',
    'MAIL FROM:<ann\u0085@clinic.example>',
    'MAIL FROM:<ann@clinic.example> ENVID=a\x01b',
    `MAIL FROM:<${'a'.repeat(65)}@clinic.example>`,
    'RCPT TO:<ann@clinic.example>',
    'MAIL FROM:',
  ])('refuses %j', (text) => {
    expect(mail(text)).toBe(false);
  });

  it('refuses what is no UTF-8', () => {
    expect(parsePathCommand('MAIL FROM', Buffer.from('MAIL FROM:<\xe4@clinic.example>', 'latin1'))).toBe(false);
  });

  it('says whether the path came in US-ASCII', () => {
    expect(mail('MAIL FROM:<ann@xn--bcher-kva.example>')).toMatchObject({ isAscii: true });
    expect(mail('MAIL FROM:<ann@bücher.example>')).toMatchObject({ isAscii: false });
    expect(mail('MAIL FROM:<änn@clinic.example>')).toMatchObject({ isAscii: false, address: 'änn@clinic.example' });
  });

  it('names a parameter that stands there twice', () => {
    expect(mail('MAIL FROM:<a@b.example> SIZE=1 size=2')).toMatchObject({ duplicate: 'SIZE' });
  });

  it('takes postmaster without a domain as a recipient only, and no empty recipient', () => {
    expect(rcpt('RCPT TO:<Postmaster>')).toMatchObject({ address: 'postmaster' });
    expect(mail('MAIL FROM:<postmaster>')).toBe(false);
    expect(rcpt('RCPT TO:<>')).toBe(false);
  });

  it.each([
    ['brackets', '<'.repeat(1_000_000)],
    ['quotes', `<"${'\\"'.repeat(500_000)}`],
    ['routes', `<@${'a,@'.repeat(300_000)}`],
    ['parameters', `<a@b.example>${' a'.repeat(500_000)}=`],
    ['spaces', `<a@b.example>${' '.repeat(1_000_000)}\n`],
  ])('takes linear time over hostile %s', (_name, text) => {
    expect(bounded(() => mail(`MAIL FROM:${text}`))).toBe(false);
  });
});
