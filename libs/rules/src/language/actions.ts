import type { Action } from '../types.js';

export type ActionType = Action['type'];

/** When an action of a rule takes effect, however the rule is written: the first of these first. */
const STAGES = ['header', 'subject', 'recipients', 'protection', 'report', 'parking', 'ending', 'stopping'] as const;

interface ActionSpec {
  readonly stage: (typeof STAGES)[number];
  /** Protective and blocking actions are the only ones that also act for recipients whom rules added. */
  readonly guards: 'protects' | 'blocks' | 'nothing';
}

/** Every action of the language, by name (docs/rules.md has a section for each). */
export const ACTIONS: Readonly<Record<ActionType, ActionSpec>> = {
  encrypt: { stage: 'protection', guards: 'protects' },
  prependSubject: { stage: 'subject', guards: 'nothing' },
  setHeader: { stage: 'header', guards: 'nothing' },
  removeHeader: { stage: 'header', guards: 'nothing' },
  addRecipient: { stage: 'recipients', guards: 'nothing' },
  bcc: { stage: 'recipients', guards: 'nothing' },
  redirect: { stage: 'recipients', guards: 'nothing' },
  reject: { stage: 'ending', guards: 'blocks' },
  delete: { stage: 'ending', guards: 'blocks' },
  quarantine: { stage: 'parking', guards: 'blocks' },
  stop: { stage: 'stopping', guards: 'nothing' },
  audit: { stage: 'report', guards: 'nothing' },
};

export function isActionType(name: unknown): name is ActionType {
  return typeof name === 'string' && Object.hasOwn(ACTIONS, name);
}

/** Sorts actions into the order in which they take effect; those of one stage stay in the order in which they were written. */
export function stageOf(type: ActionType): number {
  return STAGES.indexOf(ACTIONS[type].stage);
}
