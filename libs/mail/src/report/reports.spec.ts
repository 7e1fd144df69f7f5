import { inPieces } from '../../../../test/support/streams.js';
import { composeDsn, composeNotice, defaultMailLimits, parseMail, type DsnInput } from '../index.js';

const failure: DsnInput = {
  type: 'failure',
  messageId: '<dsn-1@mx.example>',
  date: new Date('2026-11-24T10:00:00Z'),
  from: 'postmaster@our.example',
  to: 'ann@our.example',
  reportingMta: 'mx.our.example',
  envid: 'QQ+2B1',
  arrivedAt: new Date('2026-11-24T09:59:00Z'),
  recipients: [
    {
      address: 'bob@their.example',
      orcpt: 'rfc822;Bob+2Bx@their.example',
      status: '5.1.1',
      reply: '550 5.1.1 no such\r\nBcc: evil@x.example user',
      remoteMta: 'mx.their.example',
      lastAttemptAt: new Date('2026-11-24T09:59:30Z'),
    },
  ],
  original: {
    messageId: '<1@our.example>',
    date: 'Tue, 24 Nov 2026 09:58:00 +0000',
    from: 'Jürgen <ann@our.example>',
    to: 'bob@their.example',
    subject: null,
  },
};

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

describe('composeDsn', () => {
  it('writes RFC 3464: what failed, for whom and why', async () => {
    const bytes = composeDsn(failure);
    const mail = await parseMail(inPieces(bytes), defaultMailLimits);
    expect(mail).toMatchObject({ types: ['dsn'], messageId: '<dsn-1@mx.example>', has8bit: false });
    expect(mail.headers).toContainEqual({ name: 'Auto-Submitted', value: 'auto-replied' });
    expect(text(bytes)).toContain(
      [
        'Original-Envelope-Id: QQ+1',
        'Reporting-MTA: dns; mx.our.example',
        'Arrival-Date: Tue, 24 Nov 2026 09:59:00 +0000',
        '',
        'Original-Recipient: rfc822; Bob+x@their.example',
        'Final-Recipient: rfc822; bob@their.example',
        'Action: failed',
        'Status: 5.1.1',
        'Remote-MTA: dns; mx.their.example',
        'Diagnostic-Code: smtp; 550 5.1.1 no such Bcc: evil@x.example user',
        'Last-Attempt-Date: Tue, 24 Nov 2026 09:59:30 +0000',
      ].join('\r\n'),
    );
  });

  it('guarantees that it returns only Message-ID, Date, From, To and, if given, Subject', () => {
    const returned = (input: DsnInput): string =>
      text(composeDsn(input)).split('Original header\r\n')[1]?.split('\r\n--')[0]?.trim() ?? '';
    const fields = [
      'Message-ID: <1@our.example>',
      'Date: Tue, 24 Nov 2026 09:58:00 +0000',
      'From: =?utf-8?B?SsO8cmdlbg==?= <ann@our.example>',
      'To: bob@their.example',
    ];
    expect(returned(failure).split('\r\n')).toEqual(fields);
    expect(returned({ ...failure, original: { ...failure.original, subject: 'Grüße' } }).split('\r\n')).toEqual([
      ...fields,
      'Subject: =?utf-8?B?R3LDvMOfZQ==?=',
    ]);
  });

  it('guarantees the same bytes for the same input, with CRLF alone', () => {
    expect(composeDsn(failure)).toEqual(composeDsn(failure));
    expect(text(composeDsn(failure)).replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
  });

  it('says of a delay until when we try, and of a success that it was relayed', () => {
    const retryUntil = new Date('2026-11-29T09:59:00Z');
    const delay = text(
      composeDsn({
        ...failure,
        type: 'delay',
        recipients: failure.recipients.map((one) => ({ ...one, status: '4.4.1', retryUntil })),
      }),
    );
    expect(delay).toContain('Action: delayed\r\nStatus: 4.4.1\r\n');
    expect(delay).toContain('Will-Retry-Until: Sun, 29 Nov 2026 09:59:00 +0000\r\n');
    const success = (action?: 'delivered'): string =>
      text(
        composeDsn({
          ...failure,
          type: 'success',
          recipients: [
            {
              address: 'b@c.example',
              orcpt: null,
              status: '2.0.0',
              reply: 'taken',
              ...(action === undefined ? {} : { action }),
            },
          ],
        }),
      );
    expect(success()).toContain('Action: relayed\r\nStatus: 2.0.0\r\nDiagnostic-Code: x-sealflow; taken\r\n');
    expect(success('delivered')).toContain('Action: delivered\r\n');
  });

  it('uses UTF-8 types (RFC 6533) only where an address needs them', () => {
    const bytes = text(
      composeDsn({
        ...failure,
        recipients: [{ address: 'jürgen@their.example', orcpt: null, status: '5.6.7', reply: '' }],
      }),
    );
    expect(bytes).toContain('Content-Type: message/global-delivery-status\r\n');
    expect(bytes).toContain('Final-Recipient: utf-8; jürgen@their.example\r\n');
    expect(bytes).toContain('Content-Transfer-Encoding: 8bit\r\n');
    expect(text(composeDsn(failure))).toContain('Content-Type: message/delivery-status\r\n');
    expect(text(composeDsn(failure))).not.toContain('Content-Transfer-Encoding');
  });
});

describe('composeNotice', () => {
  const notice = composeNotice({
    messageId: '<n-1@mx.example>',
    date: new Date('2026-11-24T10:00:00Z'),
    from: 'postmaster@our.example',
    to: 'postmaster@our.example',
    heldId: '0190c0de-0000-7000-8000-000000000000',
    held: [
      {
        address: 'bob@their.example',
        code: 'ERR_KEY_MISSING',
        advice: 'Import a certificate for this address.\r\nBcc: x',
      },
      { address: null, code: 'ERR_MAIL_TOO_DEEP', advice: 'Look at the message.' },
    ],
    link: 'http://localhost:3000/',
  });

  it('names the message, the recipient, the code and what to do', async () => {
    const mail = await parseMail(inPieces(notice), defaultMailLimits);
    expect(mail.subject).toBe('Held mail: ERR_KEY_MISSING, ERR_MAIL_TOO_DEEP');
    expect(mail.headers).toContainEqual({ name: 'Auto-Submitted', value: 'auto-generated' });
    for (const words of [
      '0190c0de-0000-7000-8000-000000000000',
      '<bob@their.example>\n    ERR_KEY_MISSING: Import a certificate for this address. Bcc: x',
      'all recipients\n    ERR_MAIL_TOO_DEEP: Look at the message.',
      'http://localhost:3000/',
    ]) {
      expect(mail.body).toContain(words);
    }
  });

  it('has CRLF alone and nothing but US-ASCII', () => {
    expect(text(notice).replaceAll('\r\n', '')).toMatch(/^[\x20-\x7e]*$/);
  });
});
