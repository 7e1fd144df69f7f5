import { WEEKDAYS } from '../language/facts.js';
import type { FactError, FactRecord, FactValue } from '../types.js';
import { headerOf, unreadableField } from './changed-header.js';
import type { Look } from './look.js';

/** Fields in which a message says how it is classified: ours, and those that Exchange and Outlook write. */
const CLASSIFICATION_FIELDS = ['x-classification', 'x-microsoft-classification', 'x-microsoft-classid'];
const SENSITIVITIES: Readonly<Record<string, string>> = {
  personal: 'personal',
  private: 'private',
  'company-confidential': 'companyConfidential',
};
const WRITTEN_NUMBER = /^\s*([+-]?\d{1,6}(?:\.\d{1,6})?)(?![\d.])/;
/** Fields in which spam filters say their score, with how it stands there. */
const SCORE_FIELDS: Readonly<Record<string, RegExp>> = {
  'x-spam-score': WRITTEN_NUMBER,
  'x-ms-exchange-organization-scl': WRITTEN_NUMBER,
  'x-spam-status': /\bscore=([+-]?\d{1,6}(?:\.\d{1,6})?)(?![\d.])/i,
};

type Edits = Pick<Look, 'edits'>;

/** `message.sensitivity` (RFC 2156), as the rules so far have left it. */
export function sensitivityOf(record: FactRecord, look: Edits): FactValue | FactError {
  const error = unreadableField(record, look, 'sensitivity');
  const [first = ''] = headerOf(record, look, 'sensitivity');
  return error ?? SENSITIVITIES[first.trim().toLowerCase()] ?? 'normal';
}

/** `message.classification`: what rules wrote, and what the message came with if its sender is believed. */
export function classificationOf(record: FactRecord, look: Edits, isBelieved: boolean): FactValue | FactError {
  const fields = CLASSIFICATION_FIELDS.filter((name) => isBelieved || isWritten(look, name));
  const error = fields.map((name) => unreadableField(record, look, name)).find((one) => one !== undefined);
  const values = fields.flatMap((name) => headerOf(record, look, name)).map((value) => value.trim());
  return error ?? values.filter((value) => value !== '');
}

/**
 * `message.spamScore`: as the message came (the flow says whether its fields are believed) until a rule writes or removes one
 * of its fields; from then on what rules wrote alone.
 */
export function spamScoreOf(record: FactRecord, look: Edits): FactValue | FactError {
  const fields = Object.keys(SCORE_FIELDS).filter((name) => isWritten(look, name));
  return fields.length === 0
    ? record.message['message.spamScore']
    : spamScoreIn((name) => (fields.includes(name) ? headerOf(record, look, name)[0] : undefined));
}

/** The highest score that the top lines of the fields say (lower-case names), so that no line can lower that of another. */
export function spamScoreIn(topOf: (name: string) => string | undefined): number | undefined {
  const scores = Object.entries(SCORE_FIELDS).flatMap(([name, form]) => {
    const written = form.exec(topOf(name) ?? '')?.[1];
    return written === undefined ? [] : [Number(written)];
  });
  return scores.length === 0 ? undefined : Math.max(...scores);
}

/** The clock of judging as a zone shows it; an error for what is no time or no zone. */
export function timeOf(receivedAt: string, timeZone: string): LocalTime | FactError {
  try {
    const parts = Object.fromEntries(formatterOf(timeZone).formatToParts(new Date(receivedAt)).map(typeAndValue));
    const date = `${parts['year'] ?? ''}-${parts['month'] ?? ''}-${parts['day'] ?? ''}`;
    const day = new Date(`${date}T00:00:00Z`).getUTCDay();
    return { hour: Number(parts['hour']), date, weekday: WEEKDAYS[(day + 6) % 7] ?? '' };
  } catch {
    return { errorCode: 'ERR_FACT_INVALID' };
  }
}

export interface LocalTime {
  /** 0 to 23. */
  readonly hour: number;
  readonly weekday: string;
  /** `2026-11-25` */
  readonly date: string;
}

function isWritten({ edits }: Edits, name: string): boolean {
  return edits.some((edit) => 'name' in edit && edit.name.toLowerCase() === name);
}

/** The last one made: it takes longer to make than to use, and an organization has one zone. */
let formatter: { readonly timeZone: string; readonly format: Intl.DateTimeFormat } | undefined;

function formatterOf(timeZone: string): Intl.DateTimeFormat {
  if (formatter?.timeZone !== timeZone) {
    const format = new Intl.DateTimeFormat('en-u-ca-iso8601-nu-latn', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
    });
    formatter = { timeZone, format };
  }
  return formatter.format;
}

function typeAndValue({ type, value }: Intl.DateTimeFormatPart): [string, string] {
  return [type, value];
}
