import type { Action } from '../types.js';
import type { Atom } from './literal.js';

/** Fields whose values other facts are read from. */
const READ_BY_FACTS = ['x-priority', 'x-msmail-priority'];
const SUBJECT = ['subject', 'subjectOrBody', 'header:subject'];
const RECIPIENTS = /^(?:to|cc|toOrCc|rcptTo|recipients\..*|recipient\.in|header:(?:to|cc))$/;

/** Whether what a fact says may be other after an action than before. What is not known changes everything. */
export function mayChange(action: Action, atom: Pick<Atom, 'isWritable' | 'factKey'>): boolean {
  if (!atom.isWritable) return false;
  const { factKey } = atom;
  if (factKey.startsWith('opaque ')) return !UNWRITING.has(action.type);
  switch (action.type as string) {
    case 'setHeader':
    case 'removeHeader': {
      const name = ('name' in action ? action.name : '').toLowerCase();
      if (factKey === `header:${name}`) return true;
      const isOwn = name.startsWith('x-') && !READ_BY_FACTS.includes(name);
      return !isOwn && !factKey.startsWith('header:') && !SUBJECT.includes(factKey) && !RECIPIENTS.test(factKey);
    }
    case 'prependSubject':
    case 'replaceSubject':
      return SUBJECT.includes(factKey);
    case 'addRecipient':
    case 'bcc':
    case 'redirect':
      return RECIPIENTS.test(factKey);
    default:
      return !UNWRITING.has(action.type);
  }
}

/** Whether an action may make the message look other to somebody; protection parts recipients too. */
export function isChange({ type }: Action): boolean {
  return !UNWRITING.has(type) || type === 'encrypt';
}

const UNWRITING: ReadonlySet<string> = new Set(['encrypt', 'reject', 'delete', 'quarantine', 'stop', 'audit']);
