import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Condition } from '#lib/rules';
import { makeZip } from '../../../test/support/make-zip.js';
import { FakeLine } from './fakes/fake-line.js';

const VECTORS = join(import.meta.dirname, '../../../test/vectors/messages');
const ANN = 'ann@customer.example';

function withFile(name: string, content: Uint8Array): Buffer {
  const lines = [
    'From: Sue <sue@example.com>',
    `To: ${ANN}`,
    'Subject: =?koi8-r?B?8NLJ18XU?=',
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary=b',
    '',
    '--b',
    'Content-Type: text/html; charset=iso-8859-2',
    '',
    '<p>See <a href="http://bank.example@login.evil.example/">your bank</a>, or https://www.example.com/x</p>',
    '--b',
    `Content-Type: application/octet-stream; name="${name}"`,
    'Content-Transfer-Encoding: base64',
    '',
    Buffer.from(content).toString('base64'),
    '--b--',
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n`);
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const EXE = Buffer.from(`MZ${'\0'.repeat(100)}`);
const PROGRAM = withFile('a.zip', makeZip([{ name: 'dir/readme.pdf', content: EXE }]));
const LOCKED = withFile('a.zip', makeZip([{ name: 'a.txt', content: 'x', isEncrypted: true }]));
const DEEP = withFile('a.zip', nest(8));
/** A message of a real program, with a PDF. */
const REAL = readFileSync(join(VECTORS, 'pdf-from-outlook.eml'));

function nest(levels: number): Buffer {
  return levels === 0 ? EXE : makeZip([{ name: `${levels}.zip`, content: nest(levels - 1) }]);
}

/** What a rule that asks for it comes to in the line, which reads no more of the message than that needs. */
async function outcomeOf(raw: Uint8Array, conditions: Condition): Promise<string> {
  const line = new FakeLine([{ conditions, actions: [{ type: 'delete' }] }]);
  const id = await line.send(raw, { rcptTo: [ANN] });
  const { state, code } = line.record.recipient(id, ANN);
  return code === null ? state : `${state} ${code}`;
}

const is = (fact: string, value: unknown, operator = 'equal'): Condition => ({ fact, operator, value });

describe('what rules may ask of attachments and links', () => {
  it.each<[string, Uint8Array, Condition, 'deleted' | 'delivered' | 'held ERR_MAIL_ATTACHMENT_LIMIT']>([
    ['a program in an archive', PROGRAM, is('attachment.isExecutable', true), 'deleted'],
    ['no program', REAL, is('attachment.isExecutable', true), 'delivered'],
    ['a locked archive', LOCKED, is('attachment.isPasswordProtected', true), 'deleted'],
    ['an open archive', PROGRAM, is('attachment.isPasswordProtected', true), 'delivered'],
    ['what cannot be looked into', LOCKED, is('attachment.isUnscannable', true), 'deleted'],
    ['what can be', REAL, is('attachment.isUnscannable', true), 'delivered'],
    ['archives nested too deep', DEEP, is('attachment.limitExceeded', true), 'deleted'],
    ['archives that are not', PROGRAM, is('attachment.limitExceeded', true), 'delivered'],
    ['a program that may lie deeper', DEEP, is('attachment.isExecutable', true), 'held ERR_MAIL_ATTACHMENT_LIMIT'],
    ['a name in an archive', PROGRAM, is('attachment.names', 'readme.pdf', 'contains'), 'deleted'],
    ['an extension in an archive', PROGRAM, is('attachment.extensions', ['pdf'], 'in'), 'deleted'],
    ['a type in an archive', PROGRAM, is('attachment.types', 'application/x-msdownload', 'contains'), 'deleted'],
    [
      'a type of one attachment alone',
      REAL,
      is('attachment.types', 'application/x-msdownload', 'contains'),
      'delivered',
    ],
    [
      'a hash of a file in an archive',
      PROGRAM,
      is('attachment.hashes', sha256(EXE).toUpperCase(), 'contains'),
      'deleted',
    ],
    ['a hash of another file', PROGRAM, is('attachment.hashes', sha256(REAL), 'contains'), 'delivered'],
    ['a host that a link leads to', PROGRAM, is('link.domains', 'evil.example', 'underDomain'), 'deleted'],
    ['a host that it only shows', PROGRAM, is('link.domains', 'bank.example', 'underDomain'), 'delivered'],
    ['two links', PROGRAM, is('link.count', 2), 'deleted'],
    ['no links', REAL, is('link.count', 1000, 'greaterThan'), 'delivered'],
    ['a charset of the text', PROGRAM, is('message.charsets', 'ISO-8859-2', 'contains'), 'deleted'],
    ['a charset of the header', PROGRAM, is('message.charsets', 'koi8', 'containsWords'), 'deleted'],
    ['another charset', PROGRAM, is('message.charsets', 'koi8-u', 'contains'), 'delivered'],
  ])('%s', async (_what, raw, conditions, expected) => {
    expect(await outcomeOf(raw, conditions)).toBe(expected);
  });
});
