import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { domainOf } from '#lib/core';
import { defaultMailLimits, parseMail } from '#lib/mail';
import type { FactRecord } from '#lib/rules';

const FOLDER = 'test/vectors/messages';
const MAIL_FROM = 'ann@clinic.example';
const RECIPIENT = { displayName: undefined, in: 'to', keys: [] } as const;

/** The messages of test/vectors as rules see them, to one recipient outside. */
export async function vectorRecords(): Promise<readonly FactRecord[]> {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith('.eml'));
  return await Promise.all(names.sort().map((name) => recordOf(readFileSync(join(FOLDER, name)))));
}

async function recordOf(raw: Uint8Array): Promise<FactRecord> {
  const mail = await parseMail(inOnePiece(raw), defaultMailLimits);
  const headers: Record<string, string[]> = {};
  for (const { name, value } of mail.headers) (headers[name.toLowerCase()] ??= []).push(value);
  return {
    receivedAt: '2026-11-24T12:00:00.000Z',
    message: {
      subject: headers['subject'] ?? [],
      body: mail.body,
      to: mail.to.map(({ address }) => address),
      cc: mail.cc.map(({ address }) => address),
      'message.sizeBytes': mail.sizeBytes,
    },
    headers,
    headerFrom: mail.from.map(({ address, displayName }) => ({ address, domain: domainOf(address), displayName })),
    envelopeFrom: { address: MAIL_FROM, domain: domainOf(MAIL_FROM), displayName: undefined },
    isAuthenticated: true,
    ip: null,
    recipients: [{ ...RECIPIENT, address: 'bob@customer.example' }],
    keysOfAdded: {},
  };
}

async function* inOnePiece(raw: Uint8Array): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  yield raw;
}

/** Characters of subject and body, in thousands: what the text of a message comes to. */
export function textKb({ message: { subject, body } }: FactRecord): number {
  return (
    [subject, body].flat().reduce((sum: number, text) => sum + (typeof text === 'string' ? text.length : 0), 0) / 1000
  );
}

/** The same message with its body repeated to a length. */
export function withBody(record: FactRecord, lengthChars: number): FactRecord {
  const body = typeof record.message['body'] === 'string' ? record.message['body'] : 'x';
  const long = body.repeat(Math.ceil(lengthChars / body.length)).slice(0, lengthChars);
  return { ...record, message: { ...record.message, body: long } };
}

/** The same message to many recipients of five kinds: outside, inside, in Cc, in no header, with a key. */
export function toMany(record: FactRecord, count: number): FactRecord {
  const recipients = Array.from({ length: count }, (_, n) => ({
    ...RECIPIENT,
    address: `p${n}@${n % 5 === 1 ? 'clinic.example' : 'customer.example'}`,
    in: (['to', 'to', 'cc', 'bcc', 'to'] as const)[n % 5] ?? 'to',
    keys: n % 5 === 4 ? ['smime'] : [],
  }));
  return { ...record, recipients };
}
