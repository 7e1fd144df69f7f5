import type { Action, HeaderEdit } from '../types.js';

export type FieldEdit = Extract<HeaderEdit, { readonly name: string }>;

export type MarkingAction = Extract<Action, { readonly type: 'classify' | 'setSpamScore' | 'setImportance' }>;

/** Spam confidence levels of Exchange go from here to there. */
const [SCL_MIN, SCL_MAX] = [-1, 9];
const X_PRIORITY = { high: '1', normal: '3', low: '5' } as const;

/** What an action that marks a message writes: every field that programs read the same thing from says the same then. */
export function markingEdits(action: MarkingAction): readonly FieldEdit[] {
  switch (action.type) {
    case 'classify':
      return [set('X-Classification', action.name)];
    case 'setSpamScore': {
      const level = Math.max(SCL_MIN, Math.min(SCL_MAX, Math.round(action.score)));
      return [
        set('X-Spam-Score', String(action.score)),
        set('X-MS-Exchange-Organization-SCL', String(level)),
        remove('X-Spam-Status'),
      ];
    }
    case 'setImportance':
      return [
        set('Importance', action.importance),
        set('X-Priority', X_PRIORITY[action.importance]),
        remove('X-MSMail-Priority'),
        remove('Priority'),
      ];
  }
}

function set(name: string, value: string): FieldEdit {
  return { type: 'setHeader', name, value };
}

function remove(name: string): FieldEdit {
  return { type: 'removeHeader', name };
}
