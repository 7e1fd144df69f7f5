import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeWithCorpus } from '../../../test/support/corpus.js';
import { inPieces } from '../../../test/support/streams.js';
import { defaultMailLimits, parseMail, type MessageType } from './index.js';

async function types(text: string | Buffer): Promise<readonly MessageType[]> {
  const bytes = typeof text === 'string' ? Buffer.from(text, 'latin1') : text;
  return (await parseMail(inPieces(bytes), defaultMailLimits)).types;
}
const part = (header: string, body: string): string => `Content-Type: ${header}\r\n\r\n${body}`;
const multi = (subtype: string, boundary: string, ...parts: string[]): string =>
  part(`multipart/${subtype}; boundary=${boundary}`, parts.map((one) => `--${boundary}\r\n${one}\r\n`).join('')) +
  `--${boundary}--\r\n`;
const base64 = (bytes: string | Buffer): string => Buffer.from(bytes).toString('base64');

const ENVELOPED = '308006092a864886f70d010703a080';
const AUTH_ENVELOPED = '3082010a060b2a864886f70d0109100117a0820100';
const SIGNED = '3083010a00060b2a864886f70d010702a080'.replace('060b', '0609');
/** A CMS object, of which the content type is what counts. */
const cms = (header: string, hex: string): string =>
  part(`${header}\r\nContent-Transfer-Encoding: base64`, base64(Buffer.from(hex, 'hex')));
const TEXT = part('text/plain', 'clear');
const SIGNATURE = part('application/pkcs7-signature; name=smime.p7s', 'x');
const PGP = multi(
  'encrypted; protocol="application/pgp-encrypted"',
  'pgp',
  part('application/pgp-encrypted', 'Version: 1'),
  part('application/octet-stream; name=encrypted.asc', '-----BEGIN PGP MESSAGE-----'),
);
const RPMSG = part('application/x-microsoft-rpmsg-message; name=message.rpmsg', 'x');

describe('types of a message', () => {
  it.each<[MessageType, string]>([
    ['automaticReply', 'Auto-Submitted: auto-replied\r\n\r\n'],
    ['autoForward', 'X-MS-Exchange-Inbox-Rules-Loop: a@b.example\r\n\r\n'],
    ['encrypted', part('application/pkcs7-mime; smime-type=enveloped-data', 'x')],
    [
      'encrypted',
      part(
        'application/x-pkcs7-mime; name=smime.p7m\r\nContent-Transfer-Encoding: base64',
        base64(Buffer.from('308006092a864886f70d010703a080', 'hex')),
      ),
    ],
    [
      'encrypted',
      multi('encrypted; protocol="application/pgp-encrypted"', 'b', part('application/pgp-encrypted', 'Version: 1')),
    ],
    ['signed', part('application/pkcs7-mime; smime-type=signed-data', 'x')],
    ['signed', multi('signed; protocol="application/pkcs7-signature"', 'b', part('text/plain', 'x'))],
    [
      'calendaring',
      multi('alternative', 'b', part('text/plain', 'x'), part('text/calendar; method=REQUEST', 'BEGIN:VCALENDAR')),
    ],
    ['voicemail', multi('voice-message', 'b', part('audio/32kadpcm', 'x'))],
    ['readReceipt', multi('report; report-type=disposition-notification', 'b', part('text/plain', 'x'))],
    ['dsn', multi('report; report-type=delivery-status', 'b', part('text/plain', 'x'))],
    ['approvalRequest', 'X-MS-Exchange-Organization-Approval-Initiator: mapi\r\n\r\n'],
    ['rightsProtected', multi('mixed', 'b', part('application/x-microsoft-rpmsg-message; name=message.rpmsg', 'x'))],
    ['bulk', 'List-Id: <l.example>\r\n\r\n'],
  ])('knows the type %s', async (type, text) => {
    expect(await types(text)).toEqual([type]);
  });

  it('takes no type from a message within', async () => {
    const text = multi(
      'mixed',
      'b',
      part('message/rfc822', part('application/pkcs7-mime; smime-type=enveloped-data', 'x')),
    );
    expect(await types(text)).toEqual([]);
  });

  it.each<[string, string]>([
    ['enveloped', cms('application/octet-stream; name=smime.p7m', ENVELOPED)],
    ['enveloped with authentication', cms('application/pkcs7-mime', AUTH_ENVELOPED)],
    ['enveloped, whatever smime-type says', cms('application/pkcs7-mime; smime-type=signed-data', ENVELOPED)],
    ['called so', cms('application/x-pkcs7\r\nContent-Disposition: attachment; filename=SMIME.P7M', ENVELOPED)],
    ['PGP/MIME', PGP],
  ])('are encrypted where the whole is: %s', async (_name, text) => {
    expect(await types(text)).toEqual(['encrypted']);
    expect(await types(multi('signed; micalg=x', 's', text, SIGNATURE))).toEqual(['encrypted', 'signed']);
  });

  it.each<[string, string]>([
    ['an enveloped file beside text', multi('mixed', 'b', TEXT, cms('application/pkcs7-mime; name=x.p7m', ENVELOPED))],
    ['an enveloped file before text', multi('mixed', 'b', cms('application/pkcs7-mime', ENVELOPED), TEXT)],
    ['PGP/MIME with a footer', multi('mixed', 'b', PGP, TEXT)],
    ['text in multipart/encrypted', multi('encrypted', 'b', part('application/pgp-encrypted', 'x'), TEXT)],
    ['multipart/encrypted that has no parts', part('multipart/encrypted', 'clear')],
    ['multipart/encrypted with another boundary', part('multipart/encrypted; boundary=z', 'clear')],
    ['an octet stream that is none', part('application/octet-stream; name=smime.p7m', 'clear')],
    ['an octet stream of another name', cms('application/octet-stream; name=a.bin', ENVELOPED)],
    ['text of that name', cms('text/plain; name=smime.p7m', ENVELOPED)],
    ['certificates', part('application/pkcs7-mime; smime-type=certs-only', 'x')],
    ['what is compressed', part('application/pkcs7-mime; smime-type=compressed-data', 'x')],
    ['a signed part with a footer', multi('mixed', 'b', multi('signed', 's', TEXT, SIGNATURE), TEXT)],
    ['multipart/signed that has no parts', part('multipart/signed', 'clear')],
    ['a signed file beside text', multi('mixed', 'b', TEXT, cms('application/pkcs7-mime', SIGNED))],
    ['a protected file among others', multi('mixed', 'b', TEXT, RPMSG, part('application/pdf; name=a.pdf', 'x'))],
    ['a file of another name', multi('mixed', 'b', TEXT, part('application/octet-stream; name=old.rpmsg', 'x'))],
  ])('are none where a part of it is: %s', async (_name, text) => {
    expect(await types(text)).toEqual([]);
  });

  it('are signed alone where what is signed is not encrypted, though an encrypted file is in it', async () => {
    const within = multi('mixed', 'b', TEXT, cms('application/pkcs7-mime; name=x.p7m', ENVELOPED));
    expect(await types(multi('signed', 's', within, SIGNATURE))).toEqual(['signed']);
    expect(await types(cms('application/octet-stream; name=smime.p7m', SIGNED))).toEqual(['signed']);
  });

  it('are rights-protected where everything is in one file, with pictures beside it', async () => {
    const picture = part('image/png; name=logo.png\r\nContent-ID: <1>', '\x89PNG');
    const named = part('application/octet-stream; name=message_v2.rpmsg', 'x');
    for (const file of [RPMSG, named]) {
      expect(await types(multi('mixed', 'b', TEXT, picture, file))).toEqual(['rightsProtected']);
    }
    expect(await types('Content-Class: rpmsg.message\r\n\r\n')).toEqual(['rightsProtected']);
  });

  const GENERATED = 'Auto-Submitted: auto-generated';
  const LOOP = 'X-MS-Exchange-Inbox-Rules-Loop: a@b.example';
  const AGENT = 'X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent';
  it.each<[string, readonly string[], readonly MessageType[]]>([
    ['an automatic reply of Exchange', [GENERATED, AGENT], ['automaticReply']],
    ['one with its loop mark', [GENERATED, AGENT, LOOP], ['automaticReply']],
    ['one that suppresses replies', [GENERATED, 'X-Auto-Response-Suppress: All', LOOP], ['automaticReply']],
    ['a reply by its own word', ['auto-submitted: auto-replied (vacation)', LOOP], ['automaticReply']],
    ['a notice of a program', [GENERATED, 'X-Auto-Response-Suppress: All'], []],
    ['a message of an inbox rule', [LOOP], ['autoForward']],
    ['one of the agent that is not generated', [AGENT, LOOP], ['autoForward']],
    ['one that is said to be forwarded', [GENERATED, AGENT, 'Autoforwarded: true'], ['automaticReply', 'autoForward']],
  ])('tell replies from forwarded mail: %s', async (_name, header, expected) => {
    expect(await types(`${header.join('\r\n')}\r\n\r\n`)).toEqual(expected);
  });
});

describeWithCorpus('the corpus of S/MIME', (folder) => {
  const lines = readFileSync(join(folder, 'smime/expected.jsonl'), 'utf8').trim().split('\n');
  const listed = lines.map((line) => JSON.parse(line) as { readonly file: string; readonly form: string });
  const kindOf = (file: string): MessageType => (/crypted|envelope/i.test(file) ? 'encrypted' : 'signed');

  it('is what it is called', async () => {
    const found: (readonly [string, readonly MessageType[]])[] = [];
    const expected: (readonly [string, readonly MessageType[]])[] = [];
    for (const { file, form } of listed.filter((one) => !one.file.endsWith('.p7s'))) {
      const bytes = readFileSync(join(folder, 'smime', file));
      const text = form === 'SMIME' ? bytes : cms('application/octet-stream; name=smime.p7m', bytes.toString('hex'));
      found.push([file, await types(text)]);
      expected.push([file, [kindOf(file)]]);
    }
    expect(found.length).toBeGreaterThan(10);
    expect(found).toEqual(expected);
  });
});
