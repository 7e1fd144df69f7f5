import { HeaderBlock } from './header-block.js';
import { headerDigest } from './header-digest.js';

const digestOf = (text: string): string => headerDigest(HeaderBlock.parse(Buffer.from(text, 'latin1')));
const HEADER = 'From: a@x.example\r\nSubject: one two\r\nX-Note: 1\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n';

describe('headerDigest', () => {
  it.each([
    ['lines folded anew', HEADER.replace('one two', 'one\r\n\t two')],
    ['names in another case, and white space', HEADER.replace('Subject: ', 'SUBJECT :   ')],
    [
      'lines in another order',
      `Content-Type: text/plain; charset=utf-8\r\n${HEADER.replace(/Content-Type.*\r\n/, '')}`,
    ],
    ['other lines changed and added', `Received: x\r\n${HEADER.replace('X-Note: 1', 'X-Note: 2')}`],
  ])('is the same with %s', (_name, text) => {
    expect(digestOf(text)).toBe(digestOf(HEADER));
  });

  it.each([
    ['another subject', HEADER.replace('one', 'One')],
    ['another sender', HEADER.replace('a@x', 'b@x')],
    ['another type', HEADER.replace('plain', 'html')],
    ['an encoding', HEADER.replace('X-Note: 1', 'Content-Transfer-Encoding: base64')],
    ['a second subject', HEADER.replace('X-Note: 1', 'Subject: three')],
    ['subjects in another order', HEADER.replace('Subject: one two', 'Subject: two\r\nSubject: one')],
    ['a line that is no field', HEADER.replace('X-Note: 1', 'text')],
    ['what is a character only', HEADER.replace('one', '\xf6ne')],
  ])('is another with %s', (_name, text) => {
    expect(digestOf(text)).not.toBe(digestOf(HEADER));
  });
});
