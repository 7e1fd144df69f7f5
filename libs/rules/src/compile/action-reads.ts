import { SENDER_MANAGER } from '../language/actions.js';
import { placeholdersIn } from '../language/placeholders.js';
import type { Action } from '../types.js';

/** What the actions of a rule write, or send to, that they must know for that. */
export interface ActionReads {
  readonly subject: boolean;
  readonly senderManager: boolean;
  /** Their texts say something of the recipient. */
  readonly recipient: boolean;
}

export function actionReads(actions: readonly Action[]): ActionReads {
  const placeholders = placeholdersOf(actions);
  return {
    subject: actions.some(({ type }) => type === 'prependSubject') || placeholders.includes('subject'),
    senderManager: actions.some((action) => 'addresses' in action && action.addresses.includes(SENDER_MANAGER)),
    recipient: placeholders.some((name) => name.startsWith('recipient.')),
  };
}

/** Names of the placeholders in the texts of actions. */
export function placeholdersOf(actions: readonly Action[]): readonly string[] {
  return actions.flatMap((action) => placeholdersIn(textOf(action)));
}

/** The text of an action in which placeholders may stand. */
function textOf(action: Action): string {
  if (action.type === 'setHeader') return action.value;
  return 'text' in action ? action.text : '';
}
