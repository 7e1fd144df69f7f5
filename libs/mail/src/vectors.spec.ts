import { readFileSync } from 'node:fs';
import { inPieces } from '../../../test/support/streams.js';
import { defaultMailLimits, mailErrorCodes, parseMail } from './index.js';

const parse = async (name: string) =>
  await parseMail(inPieces(readFileSync(`test/vectors/messages/${name}`)), defaultMailLimits);

describe('the messages of test/vectors', () => {
  it.each([
    ['pdf-from-outlook.eml', 'Testing outlook', ['broken.pdf'], [], 'Just attaching another PDF'],
    ['privileged-draft.eml', 'Revised Draft', ['4%P001!.DOC'], [], 'privileged and confidential'],
    [
      'eight-bit-multipart.eml',
      'UTF-8 8bit multipart',
      ['james-logo.png'],
      [],
      'A 8bit encoded body with €uro symbol.',
    ],
    ['alternative-html.eml', 'Text and Html not similar', [], [], 'The text/plain part is not matching the html one.'],
    ['no-content-type-lf.eml', 'Is dinner ready?', [], [], 'We lost the game. Are you hungry yet?'],
    ['message-in-message.eml', 'Fwd: test subject', ['test subject.eml', 'whatever.txt'], [], 'CF the attachment'],
    ['delivery-status.eml', 'email delivery error', [''], ['dsn', 'bulk'], 'Reporting-MTA'],
    ['smime-signed.eml', 'test', ['smime.p7s'], ['signed'], ''],
    [
      'calendar.eml',
      'New Time Proposed: New event from Test: lole',
      ['attachment.txt'],
      ['calendaring'],
      'Will be better for me',
    ],
    ['flowed-delsp.eml', 'Test of text body with format=flowed; delsp=yes', [], [], 'now there is'],
  ])('%s is read', async (name, subject, attachments, types, words) => {
    const mail = await parse(name);
    expect(mail.subject).toBe(subject);
    expect(mail.attachments.map((one) => one.names[0] ?? '')).toEqual(attachments);
    expect(mail.types).toEqual(types);
    expect(mail.body).toContain(words);
  });

  it('names each error code once', () => {
    expect(new Set(mailErrorCodes).size).toBe(mailErrorCodes.length);
    for (const code of mailErrorCodes) expect(code).toMatch(/^ERR_(?:MAIL|FIELD|CHARSET)_[A-Z_]+$/);
  });
});
