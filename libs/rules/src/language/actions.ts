import type { Action } from '../types.js';

export type ActionType = Action['type'];

/** When an action of a rule takes effect, however the rule is written: the first of these first. */
const STAGES = [
  'header',
  'replacement',
  'subject',
  'recipients',
  'protection',
  'report',
  'parking',
  'ending',
  'stopping',
] as const;

interface ActionSpec {
  readonly stage: (typeof STAGES)[number];
  /** Protective and blocking actions act for recipients whom rules added, wherever their rule stands. */
  readonly guards: 'protects' | 'blocks' | 'nothing';
}

/** What a rule writes into a copy: so far as it comes after the rule that added a recipient, into that one's too. */
const WRITING: readonly ActionSpec['stage'][] = ['header', 'replacement', 'subject'];

/** Every action of the language, by name (docs/rules.md has a section for each). */
export const ACTIONS: Readonly<Record<ActionType, ActionSpec>> = {
  encrypt: { stage: 'protection', guards: 'protects' },
  prependSubject: { stage: 'subject', guards: 'nothing' },
  replaceSubject: { stage: 'replacement', guards: 'nothing' },
  setHeader: { stage: 'header', guards: 'nothing' },
  removeHeader: { stage: 'header', guards: 'nothing' },
  classify: { stage: 'header', guards: 'nothing' },
  setSpamScore: { stage: 'header', guards: 'nothing' },
  setImportance: { stage: 'header', guards: 'nothing' },
  addRecipient: { stage: 'recipients', guards: 'nothing' },
  bcc: { stage: 'recipients', guards: 'nothing' },
  redirect: { stage: 'recipients', guards: 'nothing' },
  reject: { stage: 'ending', guards: 'blocks' },
  delete: { stage: 'ending', guards: 'blocks' },
  quarantine: { stage: 'parking', guards: 'blocks' },
  stop: { stage: 'stopping', guards: 'nothing' },
  audit: { stage: 'report', guards: 'nothing' },
};

/** Protects or blocks, and so acts for added recipients wherever the rule stands. */
export function isGuard(type: ActionType): boolean {
  return ACTIONS[type].guards !== 'nothing';
}

/** Changes the header of a copy, and so acts for added recipients if the rule comes after the one that added them. */
export function isWriting(type: ActionType): boolean {
  return WRITING.includes(ACTIONS[type].stage);
}

/** Changes who gets the message: added recipients only see that in their copy. */
export function isSending(type: ActionType): boolean {
  return ACTIONS[type].stage === 'recipients';
}

/** Stands for the addresses of the managers of those in From. */
export const SENDER_MANAGER = 'senderManager';

export function isActionType(name: unknown): name is ActionType {
  return typeof name === 'string' && Object.hasOwn(ACTIONS, name);
}

/** Sorts actions into the order in which they take effect; those of one stage stay in the order in which they were written. */
export function stageOf(type: ActionType): number {
  return STAGES.indexOf(ACTIONS[type].stage);
}
