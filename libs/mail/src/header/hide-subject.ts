import { decodedValue } from './decode-value.js';
import { formatField } from './format-field.js';
import type { HeaderBlock } from './header-block.js';

/** What mail is sent and found by stays, even if somebody's subject is an address. */
const KEPT = new Set(
  (
    'from sender reply-to to cc date message-id in-reply-to references received return-path mime-version ' +
    'resent-from resent-sender resent-to resent-cc resent-date resent-message-id'
  ).split(' '),
);
/** Fields that hold the subject of the message or of its thread by their name (`Thread-Topic`, `X-Original-Subject`). */
const REPEATS = /(?:^|-)(?:subject|topic)$/i;
/** What programs put before a subject when they answer or forward. */
const PREFIXES = /^(?:\s*(?:re|aw|antw|sv|vs|odp|ref|fwd?|wg|tr|rv|enc|vb)\s*(?:\[\d+\])?\s*[:：])+/i;
/** What is longer is compared so far; normalizing a megabyte of marks would take long. */
const COMPARED_CHARS_MAX = 2_000;

/**
 * The header with `shown` as its only subject: gone are the subjects, fields that repeat one by their name, and fields
 * whose whole decoded value is one of `subjects`, with `Re:` and the like or without. `subjects`: all that it has had.
 */
export function hideSubject(header: HeaderBlock, subjects: readonly string[], shown: string): HeaderBlock {
  const hidden = new Set(subjects.map(bareSubject).filter((subject) => subject !== ''));
  const repeating = header.fields.filter(({ name }) => {
    const lower = name.toLowerCase();
    return lower !== 'subject' && lower !== '' && !KEPT.has(lower);
  });
  const gone = repeating.filter((field) => REPEATS.test(field.name) || hidden.has(bareSubject(decodedValue(field))));
  return header
    .without(...gone.map(({ name }) => name))
    .replace({ name: 'Subject', raw: formatField('Subject', shown) });
}

function bareSubject(text: string): string {
  const plain = text
    .slice(0, COMPARED_CHARS_MAX)
    .normalize('NFKC')
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '');
  return plain.replace(/\s+/g, ' ').replace(PREFIXES, '').trim().toLowerCase();
}
