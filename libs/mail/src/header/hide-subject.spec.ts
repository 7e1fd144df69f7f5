import { bounded } from '../../../../test/support/bounded.js';
import { HeaderBlock } from './header-block.js';
import { hideSubject } from './hide-subject.js';

const SUBJECT = 'Financial records of Jones';
const HEADER = `From: a@x.example\r\nSubject: Re: ${SUBJECT}\r\nThread-Index: AdX\r\n`;

function hide(lines: string, subjects = [`Re: ${SUBJECT}`]): string {
  const header = HeaderBlock.parse(Buffer.from(`${HEADER}${lines}X-Last: 1\r\n\r\n`));
  return hideSubject(header, subjects, 'Hidden').toBytes().toString();
}

const HIDDEN = 'From: a@x.example\r\nSubject: Hidden\r\nThread-Index: AdX\r\nX-Last: 1\r\n\r\n';

describe('hideSubject', () => {
  it.each([
    ['nothing else', ''],
    ['the topic of the thread', `Thread-Topic: ${SUBJECT}\r\n`],
    ['another topic, which an edit left', 'THREAD-TOPIC : Jones\r\n'],
    ['a field that is a subject by its name', 'X-Original-Subject: Jones\r\n'],
    ['a second subject', 'subject: Jones\r\n'],
    ['a field with the same value', `X-Note: ${SUBJECT}\r\n`],
    ['the same in another case, folded', `Comments: FW: FINANCIAL\r\n  records of Jones\r\n`],
    ['the same, encoded', `Keywords: =?utf-8?B?${Buffer.from(SUBJECT).toString('base64')}?=\r\n`],
    ['the same with characters that are not seen', 'Keywords: Finan=?utf-8?Q?=C2=AD?=cial records of Jones\r\n'],
  ])('guarantees that the subject does not leave in %s', (_name, lines) => {
    expect(hide(lines)).toBe(HIDDEN);
  });

  it('takes linear time, however long the subjects are', () => {
    const marks = `a${'\u0301\u0323'.repeat(500_000)}`;
    const note = `X-Note: ${'re '.repeat(500_000)}\r\n`;
    const hidden = bounded(() => hide(note, [marks, `re${' '.repeat(1_000_000)}x`]));
    expect(hidden.includes('X-Note')).toBe(true);
  });

  it('leaves what mail is sent and found by, and what is about something else', () => {
    const lines = 'To: jones@x.example\r\nX-Note: Financial\r\nReceived: x\r\n';
    const expected = HIDDEN.replace('X-Last', `${lines}X-Last`);
    expect(hide(lines, [`Re: ${SUBJECT}`, 'jones@x.example', 'x', ''])).toBe(expected);
  });
});
