import { oracleDirectory } from './oracle-directory.js';
import { oracleHeader, type Copy } from './oracle-header.js';
import { oracleMarking } from './oracle-marks.js';
import type { FactError, FactRecord, FactValue, RuleSettings, SenderFacts } from '../types.js';
import type { Condition } from '../types.js';

export interface Viewer {
  readonly address: string;
  readonly displayName: string | undefined;
  readonly in: 'to' | 'cc' | 'bcc';
  readonly keys: readonly string[];
  readonly copy: Copy;
}

export interface World {
  readonly record: FactRecord;
  readonly settings: RuleSettings;
  readonly conditions: Readonly<Record<string, Condition>>;
}

const domainIn = (address: string): string => address.split('@').at(-1) ?? '';

/** The value of a fact as one recipient's copy has it: read anew each time, from the page "Facts". */
export function oracleFact(
  fact: string,
  params: Readonly<Record<string, unknown>>,
  viewer: Viewer,
  { record, settings }: World,
): FactValue | FactError {
  const { edits } = viewer.copy;
  const subject = edits.find((edit) => edit.type === 'setSubject')?.text ?? record.message['subject'];
  const scope = (address: string): string => {
    if (settings.acceptedDomains.includes(domainIn(address))) return 'internal';
    return settings.partnerDomains.includes(domainIn(address)) ? 'partner' : 'external';
  };
  const senders = (): readonly (SenderFacts | null)[] => {
    const nobody = record.headerFrom.length === 0;
    const header = params['from'] === 'envelope' ? [] : nobody ? [null] : record.headerFrom;
    return params['from'] === 'envelope' || params['from'] === 'either' ? [...header, record.envelopeFrom] : header;
  };
  const ofSenders = (name: keyof SenderFacts): readonly string[] =>
    senders().flatMap((sender) => (sender?.[name] === undefined ? [] : [sender[name]]));
  const envelope = [
    ...record.recipients.map(({ address }) => address).filter((address) => !viewer.copy.removed.includes(address)),
    ...viewer.copy.added.map(({ address }) => address),
  ];
  const inHeader = (field: 'to' | 'cc'): FactValue | FactError => {
    const more = edits.flatMap((edit) => (edit.type === 'addAddress' && edit.field === field ? [edit.address] : []));
    return together(record.message[field], more);
  };
  const guess = guessedField(fact, params, viewer, record);
  if (guess) return { errorCode: record.unreadable?.errorCode ?? '' };
  const asked = fact.startsWith('recipient.') ? [viewer.address] : senders().map((one) => one?.address);
  const directory = oracleDirectory(fact, params, asked, record);
  if (directory !== undefined) return directory.value;
  const marking = oracleMarking(fact, viewer.copy, record, settings);
  if (marking !== null) return marking.value;
  switch (fact) {
    case 'subject':
      return subject;
    case 'subjectOrBody':
      return together(subject, record.message['body']);
    case 'header':
      return oracleHeader(String(params['name']).toLowerCase(), viewer.copy, record);
    case 'sender.address':
      return ofSenders('address');
    case 'sender.domain':
      return ofSenders('domain');
    case 'sender.displayName':
      return ofSenders('displayName');
    case 'sender.scope':
      return senders().map((sender) => {
        const isOurs = sender?.domain !== undefined && settings.acceptedDomains.includes(sender.domain);
        return isOurs && record.isAuthenticated ? 'internal' : 'external';
      });
    case 'sender.isAuthenticated':
      return record.isAuthenticated;
    case 'sender.ip':
      return record.ip ?? undefined;
    case 'recipient.address':
      return viewer.address;
    case 'recipient.domain':
      return domainIn(viewer.address);
    case 'recipient.displayName':
      return viewer.displayName;
    case 'recipient.scope':
      return scope(viewer.address);
    case 'recipient.in': {
      const shown = (['to', 'cc'] as const).find(
        (field) =>
          viewer.in === field ||
          edits.some((edit) => edit.type === 'addAddress' && edit.field === field && edit.address === viewer.address),
      );
      return shown ?? 'bcc';
    }
    case 'recipient.keys':
      return viewer.keys;
    case 'to':
      return inHeader('to');
    case 'cc':
      return inHeader('cc');
    case 'toOrCc':
      return together(inHeader('to'), inHeader('cc'));
    case 'message.importance':
      return oracleImportance(viewer.copy, record);
    case 'rcptTo':
      return envelope;
    case 'recipients.count':
      return envelope.length;
    case 'recipients.externalCount':
      return envelope.filter((address) => scope(address) !== 'internal').length;
    default:
      return record.message[fact];
  }
}

/** Whether a fact is of a header field whose text nobody can tell, as it came. */
function guessedField(
  fact: string,
  params: Readonly<Record<string, unknown>>,
  { copy, in: place, displayName }: Viewer,
  { unreadable }: FactRecord,
): boolean {
  const isGuess = (field: string): boolean => unreadable?.fields.includes(field) === true;
  const stays = (field: string): boolean =>
    copy.edits.every(
      (edit) =>
        !(edit.type === 'setSubject' && field === 'subject') &&
        !((edit.type === 'setHeader' || edit.type === 'removeHeader') && edit.name.toLowerCase() === field),
    );
  if (fact === 'subject' || fact === 'subjectOrBody') return isGuess('subject') && stays('subject');
  if (fact === 'sender.displayName') return isGuess('from') && params['from'] !== 'envelope';
  if (fact === 'recipient.displayName') return isGuess(place) && displayName !== undefined;
  const name = String(params['name']).toLowerCase();
  return fact === 'header' && isGuess(name) && stays(name);
}

/** As received, until a rule writes one of its fields. */
function oracleImportance(copy: Copy, record: FactRecord): FactValue | FactError {
  const fields = ['importance', 'x-priority', 'x-msmail-priority', 'priority'];
  const isWritten = copy.edits.some((edit) => 'name' in edit && fields.includes(edit.name.toLowerCase()));
  if (!isWritten) return record.message['message.importance'];
  const [importance, priority] = ['importance', 'x-priority'].map((name) =>
    (oracleHeader(name, copy, record)[0] ?? '').toLowerCase(),
  );
  if (['high', 'normal', 'low'].includes(importance ?? '')) return importance;
  const number = Number(priority === '' ? 3 : priority);
  if (number < 3) return 'high';
  return number > 3 ? 'low' : 'normal';
}

/** A text of a rule with what its placeholders stand for, for one recipient. */
export function oracleText(text: string, viewer: Viewer, world: World): string {
  const [sender] = world.record.headerFrom;
  const [subject] = [oracleFact('subject', {}, viewer, world)].flat();
  const said: Readonly<Record<string, unknown>> = {
    '{{sender.address}}': sender?.address,
    '{{sender.displayName}}': sender?.displayName,
    '{{recipient.address}}': viewer.address,
    '{{recipient.displayName}}': viewer.displayName,
    '{{subject}}': subject,
  };
  return text.replace(/{{.*?}}/g, (name) => {
    const value = said[name];
    return typeof value === 'string' ? value.trim().replaceAll('\u202e', '') : '';
  });
}

function together(one: FactValue | FactError, other: FactValue | FactError): FactValue | FactError {
  for (const value of [one, other]) if (typeof value === 'object' && 'errorCode' in value) return value;
  return [one, other].flat().filter((value) => value !== undefined) as string[];
}
