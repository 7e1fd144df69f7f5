import { defaultMailLimits, parseMail, type MailErrorCode } from '#lib/mail';
import { inPieces } from '../../../test/support/streams.js';
import { factsOf } from './facts.js';
import { acceptedOf } from './fakes/samples.js';

describe('factsOf', () => {
  const mail = parseMail(inPieces(Buffer.from('From: Sue <Sue@Example.com>\r\n\r\nx\r\n')), defaultMailLimits);

  it('gives rules the envelope sender in the one form in which addresses are compared', async () => {
    const given = acceptedOf({ envelope: { mailFrom: 'Bounce+AbC@mailer.example' } });
    expect(factsOf(given, await mail, []).envelopeFrom).toEqual({
      address: 'bounce+abc@mailer.example',
      domain: 'mailer.example',
      displayName: undefined,
    });
  });

  it('gives rules the domain of what is no address in its one form too', async () => {
    const raw = `From: ${'x'.repeat(65)}@B\u00fccher.example.\r\n\r\nx\r\n`;
    const odd = await parseMail(inPieces(Buffer.from(raw)), defaultMailLimits);
    expect(factsOf(acceptedOf({}), odd, []).headerFrom[0]?.domain).toBe('xn--bcher-kva.example');
  });

  it('has no envelope sender for the null sender', async () => {
    expect(factsOf(acceptedOf({ envelope: { mailFrom: '' } }), await mail, []).envelopeFrom).toBeNull();
  });

  it('has every mailbox of every From line and every Subject line, and nothing of what is no address', async () => {
    const raw = [
      'Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=',
      'From: Sue <sue@example.com>, eve@other.example',
      'SUBJECT : secret',
      'Sender: boss@example.com',
      'from: "Bob"',
      'To: Friends:;, "Ann Doe", ann@customer.example',
      'Cc: undisclosed-recipients:;',
      'Reply-To: postmaster',
    ].join('\r\n');
    const given = await parseMail(inPieces(Buffer.from(`${raw}\r\n\r\nx\r\n`)), defaultMailLimits);
    const { headerFrom, message } = factsOf(acceptedOf(), given, []);
    expect(headerFrom).toEqual([
      { address: 'sue@example.com', domain: 'example.com', displayName: 'Sue' },
      { address: 'eve@other.example', domain: 'other.example', displayName: undefined },
      { address: undefined, domain: undefined, displayName: 'Bob' },
    ]);
    expect(message).toMatchObject({ subject: ['Grüße', 'secret'], to: ['ann@customer.example'], cc: [] });
  });

  it('says which header fields are in a charset that nobody knows, and that names of attachments are', async () => {
    const raw = [
      'Subject: =?ibm037?B?hpWBlYOJgZNAmYWDlpmEog==?=',
      'From: =?x-none?Q?financial?= <sue@example.com>',
      'Content-Type: application/pdf; name="=?ibm037?B?hpWBlYOJgZNAmYWDlpmEog==?="',
    ].join('\r\n');
    const given = await parseMail(inPieces(Buffer.from(`${raw}\r\n\r\nx\r\n`)), defaultMailLimits);
    const { unreadable, message } = factsOf(acceptedOf(), given, []);
    const error = { errorCode: 'ERR_CHARSET_UNKNOWN' };
    expect(unreadable).toEqual({ ...error, fields: ['subject', 'content-type'] });
    expect(message).toMatchObject({
      'attachment.names': error,
      'attachment.extensions': error,
      'attachment.types': ['application/pdf'],
      'attachment.count': 1,
    });
  });

  it.each<[string, object, number | undefined]>([
    ['a trusted network', { isTrustedNetwork: true, isAuthenticated: false }, 7.5],
    ['an authenticated sender', { isTrustedNetwork: false, isAuthenticated: true }, 7.5],
    ['a stranger', { isTrustedNetwork: false, isAuthenticated: false }, undefined],
  ])('believes the spam score that came from %s: %j', async (_name, connection, expected) => {
    const raw = [
      'X-Spam-Score: 7.5',
      'X-Spam-Score: 99',
      'X-Spam-Status: No, score=-3.0 required=5.0',
      'X-MS-Exchange-Organization-SCL: 5',
    ].join('\r\n');
    const given = await parseMail(inPieces(Buffer.from(`${raw}\r\n\r\nx\r\n`)), defaultMailLimits);
    const accepted = acceptedOf({});
    const from = { ...accepted, connection: { ...accepted.connection, ...connection } };
    expect(factsOf(from, given, []).message['message.spamScore']).toBe(expected);
  });

  it.each([
    ['X-Spam-Score: no', undefined],
    ['X-Spam-Score: 1.2.3', undefined],
    ['X-Spam-Score: 15.00 / 15.00', 15],
    ['X-MS-Exchange-Organization-SCL: -1', -1],
    ['X-Spam-Status: Yes, hits=9', undefined],
    [`X-Spam-Score: ${'9'.repeat(400)}`, undefined],
  ])('reads of %s the score %p', async (line, expected) => {
    const given = await parseMail(inPieces(Buffer.from(`${line}\r\n\r\nx\r\n`)), defaultMailLimits);
    const accepted = acceptedOf({});
    const from = { ...accepted, connection: { ...accepted.connection, isTrustedNetwork: true } };
    expect(factsOf(from, given, []).message['message.spamScore']).toBe(expected);
  });

  it('has no domain of an address that has none', async () => {
    const given = await parseMail(inPieces(Buffer.from('From: postmaster\r\n\r\n')), defaultMailLimits);
    const nothing = { address: 'postmaster', domain: undefined, displayName: undefined };
    expect(factsOf(acceptedOf(), given, []).headerFrom).toEqual([nothing]);
  });

  it('says of recipients of the envelope, and of added ones, after which rule their judging goes on', async () => {
    const given = acceptedOf({
      rcptTo: [
        { address: 'ann@customer.example', resumeAfterRule: 'park' },
        { address: '__proto__@example.com', origin: 'added', resumeAfterRule: 'park' },
        { address: 'more@example.com', origin: 'added' },
      ],
    });
    const facts = factsOf(given, await mail, []);
    expect(facts.recipients).toMatchObject([{ address: 'ann@customer.example', resumeAfterRule: 'park' }]);
    expect(Object.entries(facts.resumeOfAdded ?? {})).toEqual([['__proto__@example.com', 'park']]);
  });

  it.each<[MailErrorCode, readonly string[]]>([
    ['ERR_CHARSET_UNKNOWN', ['body']],
    ['ERR_MAIL_TEXT_TOO_LARGE', ['body']],
    ['ERR_MAIL_PARTIAL', ['body', 'attachment.count', 'attachment.extensions', 'attachment.sizesBytes']],
    ['ERR_MAIL_SIGNED_UNREADABLE', ['body', 'attachment.names', 'attachment.types']],
    ['ERR_MAIL_AMBIGUOUS', ['body', 'message.type', 'attachment.count', 'attachment.extensions']],
  ])('are in error where the mail may hold more than was seen: %s', async (code, names) => {
    const { message } = factsOf(acceptedOf({}), { ...(await mail), gaps: [code] }, []);
    for (const name of names) expect([name, message[name]]).toEqual([name, { errorCode: code }]);
    const inError = Object.values(message).filter((value) => typeof value === 'object' && 'errorCode' in value);
    expect(inError).toHaveLength(names.includes('message.type') ? 15 : names.length > 1 ? 14 : 3);
    expect(message['message.sizeBytes']).toBe((await mail).sizeBytes);
  });
});
