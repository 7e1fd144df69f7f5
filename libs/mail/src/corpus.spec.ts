import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { normalizeAddress } from '#lib/core';
import { describeWithCorpus } from '../../../test/support/corpus.js';
import { gather, inPieces } from '../../../test/support/streams.js';
import {
  canonicalizeLineEnds,
  defaultMailLimits,
  HeaderBlock,
  parseMail,
  splitMessage,
  type Mailbox,
  type ParsedMail,
} from './index.js';

interface Expected {
  readonly file: string;
  readonly subject: string | null;
  readonly from: readonly { readonly name: string | null; readonly addr: string | null }[];
  readonly to: Expected['from'] | null;
  readonly cc: Expected['from'] | null;
  readonly defects: readonly string[];
  readonly attachments: readonly { readonly filename: string | null; readonly type: string; readonly size: number }[];
}

type Field = 'subject' | 'from' | 'to' | 'cc' | 'attachments';

const NESTED = 'the attachments of the message within count with us';
const NAME_ONLY = 'a name without an address is a name';

/** Where our careful result rightly differs from the list, and why. */
const DIFFERS: readonly (readonly [file: string, fields: readonly Field[], why: string])[] = [
  ['apache-james/eml__nested.eml', ['attachments'], NESTED],
  ['apache-james/eml__nested2.eml', ['attachments'], NESTED],
  ['apache-james/resources__eml__james-3901.eml', ['from', 'to'], NAME_ONLY],
  ['mikel-mail/emails__attachment_emails__attachment_message_rfc822.eml', ['attachments'], NESTED],
  [
    'mikel-mail/emails__attachment_emails__attachment_with_base64_encoded_name.eml',
    ['attachments'],
    'RFC 2047 in a name',
  ],
  ['mikel-mail/emails__attachment_emails__attachment_with_unquoted_name.eml', ['attachments'], 'spaces in a bare name'],
  ['mikel-mail/emails__error_emails__missing_body.eml', ['to'], 'what stands in brackets is the address, as written'],
  [
    'mikel-mail/emails__mime_emails__raw_email_with_binary_encoded.eml',
    ['attachments'],
    'a picture in an alternative counts',
  ],
  ['mikel-mail/emails__plain_emails__raw_email_multiple_from.eml', ['from', 'to'], 'a@x <b@y>: b@y is the address'],
  ['rspamd/functional__messages__currency.eml', ['from'], 'empty brackets are nobody'],
  ['rspamd/functional__messages__fname.eml', ['attachments'], 'base64 that is cut short is decoded; a name after =='],
  ['rspamd/functional__messages__phish_sender3.eml', ['from'], 'both From fields count'],
  ['spamassassin/nice__unicode1.eml', ['from', 'to', 'cc'], 'raw UTF-8 beside encoded words; domains are A-labels'],
  ['spamassassin/spam__008.eml', ['from'], 'both From fields count'],
  ['stalwart-mail-parser/eml__thirdparty__007.eml', ['attachments'], NESTED],
  ['tika/resources__test-documents__testRFC822-big.eml', ['from', 'to', 'cc'], NAME_ONLY],
];

const plain = (text: string | null | undefined): string => (text ?? '').replace(/\s+/g, ' ').trim();

const rawByte = (character: string): string => String.fromCharCode(character.charCodeAt(0) - 0xdc00);

/** The list has raw bytes as lone surrogates, and what it could not decode as U+FFFD, which stands for anything. */
function isSame(ours: string, listed: string): boolean {
  const raw = Buffer.from(listed.replace(/[\udc80-\udcff]/g, rawByte), 'latin1');
  const charset = isUtf8(raw) ? 'utf-8' : 'windows-1252';
  const read = /[\udc80-\udcff]/.test(listed) ? new TextDecoder(charset).decode(raw) : listed;
  const pattern = read.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('\ufffd', '.{0,3}');
  return new RegExp(`^${pattern}$`, 's').test(ours);
}

function isSameMailboxes(ours: readonly Mailbox[], listed: Expected['from'] | null): boolean {
  // What broke a parser of those who made the list stands for nothing.
  if (listed === null) return true;
  return (
    ours.length === listed.length &&
    ours.every((mailbox, index) => {
      const { name, addr } = listed[index]!;
      const bare = (addr ?? '').replace(/^<>$/, '').replace(/^"(.*)"$/, '$1');
      const address = normalizeAddress(bare) ?? bare.toLowerCase().replace(/\s/g, '');
      // The list takes no name out of a comment; many programs wrote it there.
      const isNamed = isSame(plain(mailbox.displayName), plain(name)) || plain(name) === '';
      return isNamed && mailbox.address === address;
    })
  );
}

/** Messages within count as one with us, the list leaves them out; and it counts multiparts without a boundary. */
function isSameAttachments(ours: ParsedMail['attachments'], listed: Expected['attachments']): boolean {
  const files = ours.filter(({ type }) => !type.startsWith('message/'));
  const expected = listed.filter(({ type }) => !type.startsWith('multipart/'));
  return (
    files.length === expected.length &&
    files.every(
      ({ names, sizeBytes }, index) =>
        isSame(names[0] ?? '', expected[index]!.filename ?? '') && sizeBytes === expected[index]!.size,
    )
  );
}

function differing(mail: ParsedMail, listed: Expected): Field[] {
  const same: Record<Field, boolean> = {
    subject: isSame(plain(mail.subject), plain(listed.subject)),
    from: isSameMailboxes(mail.from, listed.from),
    to: isSameMailboxes(mail.to, listed.to),
    cc: isSameMailboxes(mail.cc, listed.cc),
    attachments: isSameAttachments(mail.attachments, listed.attachments),
  };
  // Of the list a header ends at the first stray line, for us at the first empty one: what it has must be so with us.
  const isCutShort = listed.defects.includes('MissingHeaderBodySeparatorDefect');
  const isListed = (field: Field): boolean => field !== 'attachments' && (listed[field]?.length ?? 0) > 0;
  return (Object.keys(same) as Field[]).filter((field) => !same[field] && (!isCutShort || isListed(field)));
}

describeWithCorpus('the corpus of messages', (folder) => {
  const lines = readFileSync(join(folder, 'messages/expected.jsonl'), 'utf8').trim().split('\n');
  const listed = lines.map((line) => JSON.parse(line) as Expected);

  it('is read as a careful parser reads it', async () => {
    const found: [string, Field[]][] = [];
    for (const expected of listed) {
      const mail = await parseMail(
        inPieces(readFileSync(join(folder, 'messages', expected.file)), 65_536),
        defaultMailLimits,
      );
      const fields = differing(mail, expected);
      if (fields.length > 0) found.push([expected.file, fields]);
    }
    const known = DIFFERS.map(([file, fields]) => [file, fields]);
    expect(found.toSorted()).toEqual(known.toSorted());
  });

  it('guarantees that a message parses the same whole and in pieces', async () => {
    for (const { file } of listed) {
      const bytes = readFileSync(join(folder, 'messages', file));
      const whole = await parseMail(inPieces(bytes, bytes.length), defaultMailLimits);
      for (const size of bytes.length < 20_000 ? [1, 7, 1_000] : [997]) {
        expect([file, await parseMail(inPieces(bytes, size), defaultMailLimits)]).toEqual([file, whole]);
      }
    }
  }, 60_000);

  it('reads a message with LF as it reads it with CRLF', async () => {
    const gist = ({ subject, from, to, cc, body, attachments, types }: ParsedMail): unknown[] => [
      [subject, from, to, cc, body, types],
      attachments.map(({ names }) => names),
    ];
    for (const { file } of listed) {
      const bytes = readFileSync(join(folder, 'messages', file));
      // A bare CR becomes a line end, and what is not text would change.
      if (/\r(?!\n)|\0/.test(bytes.toString('latin1'))) continue;
      const canonical = await gather(canonicalizeLineEnds(inPieces(bytes)));
      const asIs = await parseMail(inPieces(bytes), defaultMailLimits);
      const asCrlf = await parseMail(inPieces(canonical), defaultMailLimits);
      expect([file, gist(asCrlf)]).toEqual([file, gist(asIs)]);
    }
  });

  it('guarantees that cutting off the header and joining it again changes no byte', async () => {
    for (const { file } of listed) {
      const bytes = readFileSync(join(folder, 'messages', file));
      const { header, body } = await splitMessage(inPieces(bytes, 777));
      expect(Buffer.concat([header.toBytes(), await gather(body)]).equals(bytes)).toBe(true);
      expect(HeaderBlock.parse(header.toBytes()).toBytes().equals(header.toBytes())).toBe(true);
    }
  });
});
