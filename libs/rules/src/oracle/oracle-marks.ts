import type { Action, FactError, FactRecord, FactValue, HeaderEdit, RuleSettings } from '../types.js';
import { oracleHeader, type Copy } from './oracle-header.js';

type FieldEdit = Extract<HeaderEdit, { readonly name: string }>;

/** What the actions that mark a message write, from the page "Actions"; `null` for other actions. */
export function oracleMarks(action: Action): readonly FieldEdit[] | null {
  if (action.type === 'classify') return [{ type: 'setHeader', name: 'X-Classification', value: action.name }];
  if (action.type === 'setSpamScore') {
    const rounded = Math.round(action.score);
    const level = rounded < -1 ? -1 : rounded > 9 ? 9 : rounded;
    return [
      { type: 'setHeader', name: 'X-Spam-Score', value: `${action.score}` },
      { type: 'setHeader', name: 'X-MS-Exchange-Organization-SCL', value: `${level}` },
      { type: 'removeHeader', name: 'X-Spam-Status' },
    ];
  }
  if (action.type !== 'setImportance') return null;
  const number = { high: '1', normal: '3', low: '5' }[action.importance];
  return [
    { type: 'setHeader', name: 'Importance', value: action.importance },
    { type: 'setHeader', name: 'X-Priority', value: number },
    { type: 'removeHeader', name: 'X-MSMail-Priority' },
    { type: 'removeHeader', name: 'Priority' },
  ];
}

/** Sensitivity, classification, spam score and times, from the page "Facts"; `null` for other facts. */
export function oracleMarking(
  fact: string,
  copy: Copy,
  record: FactRecord,
  settings: RuleSettings,
): { readonly value: FactValue | FactError } | null {
  const wrote = (name: string): boolean =>
    copy.edits.some((edit) => 'name' in edit && edit.name.toLowerCase() === name);
  const guessed = (name: string): boolean => record.unreadable?.fields.includes(name) === true && !wrote(name);
  const error = { value: { errorCode: record.unreadable?.errorCode ?? '' } };
  if (fact === 'message.sensitivity') {
    if (guessed('sensitivity')) return error;
    const said = (oracleHeader('sensitivity', copy, record)[0] ?? '').toLowerCase();
    const known = ['personal', 'private'].includes(said) ? said : 'normal';
    return { value: said === 'company-confidential' ? 'companyConfidential' : known };
  }
  if (fact === 'message.spamScore') {
    const fields = ['x-spam-score', 'x-ms-exchange-organization-scl', 'x-spam-status'].filter(wrote);
    if (fields.length === 0) return { value: record.message[fact] };
    const said = fields
      .map((name) => oracleHeader(name, copy, record)[0] ?? '')
      .filter((text) => /^-?\d/.test(text))
      .sort((a, b) => Number(b) - Number(a));
    return { value: said[0] === undefined ? undefined : Number(said[0]) };
  }
  if (fact === 'message.classification') {
    const isOurs = (domain: string | undefined): boolean => settings.acceptedDomains.includes(String(domain));
    const isInside =
      record.isAuthenticated &&
      record.headerFrom.length > 0 &&
      [...record.headerFrom, record.envelopeFrom].every((one) => isOurs(one?.domain));
    const names = ['x-classification', 'x-microsoft-classification', 'x-microsoft-classid'];
    const heard = names.filter((name) => isInside || wrote(name));
    if (heard.some(guessed)) return error;
    return { value: heard.flatMap((name) => oracleHeader(name, copy, record)) };
  }
  if (!fact.startsWith('time.')) return null;
  // As a calendar on the wall of the organization: another way to the same time.
  const wall = new Date(record.receivedAt).toLocaleString('sv-SE', { timeZone: settings.timeZone });
  const [date = '', clock = ''] = wall.split(' ');
  if (fact === 'time.date') return { value: date };
  if (fact === 'time.hour') return { value: Number(clock.split(':')[0]) };
  const weekday = new Date(record.receivedAt).toLocaleDateString('en-US', {
    timeZone: settings.timeZone,
    weekday: 'long',
  });
  return { value: weekday.toLowerCase() };
}
