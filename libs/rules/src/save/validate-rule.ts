import { ACTIONS } from '../language/actions.js';
import type { RuleInput, RuleProblem } from '../types.js';
import { passesDepthGuard } from './depth-guard.js';
import { Known, type RuleContext } from './rule-context.js';
import { isObject, Problems, refuseUnknown, type Json } from './problems.js';
import { PropertyReader } from './read-property.js';
import { readTimestamp } from './read-timestamp.js';
import { validateActions } from './validate-actions.js';
import { EVERYTHING, validateConditions } from './validate-conditions.js';
import { validateSize } from './validate-size.js';

const PROPERTIES = [
  'name',
  'description',
  'enabled',
  'mode',
  'priority',
  'conditions',
  'exceptions',
  'actions',
  'appliesTo',
  'stopProcessing',
  'onError',
  'activateAt',
  'expireAt',
];
const NAME_CHARS_MAX = 200;
const DESCRIPTION_CHARS_MAX = 4_000;
const PRIORITY_MAX = 1_000_000;

export type RuleValidation = { readonly rule: RuleInput } | { readonly problems: readonly RuleProblem[] };

/**
 * Reads a rule as it comes in, whatever it is, and gives it with its defaults; or every problem at once (at most 1,000),
 * each with a JSON pointer. Linear in the size of the input; nothing nested, however deep, overflows the stack. `context`
 * has what it may refer to.
 */
export function validateRule(input: unknown, context?: RuleContext): RuleValidation {
  return readWith(input, new Known(context));
}

/** The same for one of many rules with one context. */
export function readWith(input: unknown, known: Known): RuleValidation {
  const problems = new Problems(known);
  if (!isObject(input)) {
    problems.add([], 'ERR_RULE_UNREADABLE', 'a rule is a JSON object with at least "name" and "actions"');
    return { problems: problems.list };
  }
  if (!passesDepthGuard(input, problems)) return { problems: problems.list };
  const rule = readRule(input, problems);
  const trees = rule.exceptions === null ? [rule.conditions] : [rule.conditions, rule.exceptions];
  validateSize(trees, ['conditions'], problems);
  return problems.list.length > 0 ? { problems: problems.list } : { rule };
}

function readRule(input: Json, problems: Problems): RuleInput {
  refuseUnknown(input, PROPERTIES, [], problems);
  const read = new PropertyReader(input, [], problems);
  const { conditions } = input;
  return {
    name: read.text('name', { charsMax: NAME_CHARS_MAX }),
    description: read.text('description', {
      charsMax: DESCRIPTION_CHARS_MAX,
      fallback: '',
      isProse: true,
      mayBeEmpty: true,
    }),
    enabled: read.flag('enabled', true),
    mode: read.word('mode', ['enforce', 'audit', 'auditAndNotify'], 'enforce'),
    ...priorityOf(input, read),
    conditions: conditions === undefined ? EVERYTHING : validateConditions(conditions, ['conditions'], problems),
    exceptions: readExceptions(input['exceptions'], problems),
    ...readActions(input, read),
    appliesTo: read.word('appliesTo', ['matchingRecipients', 'allRecipients'], 'matchingRecipients'),
    stopProcessing: read.flag('stopProcessing', false),
    ...readWindow(input, problems),
  };
}

/** Actions, and what happens when it cannot be known whether they are to be done. */
function readActions(input: Json, read: PropertyReader): Pick<RuleInput, 'actions' | 'onError'> {
  const actions = validateActions(input['actions'], read.problems);
  const onError = read.word('onError', ['hold', 'skip'], 'hold');
  if (onError === 'skip' && actions.some(({ type }) => ACTIONS[type].guards === 'protects')) {
    read.problems.add(
      ['onError'],
      'ERR_RULE_CONTRADICTORY',
      'a rule that protects cannot be skipped when it fails, or mail would leave unprotected; use hold',
    );
  }
  return { actions, onError };
}

/** When the rule is asked. */
function readWindow(input: Json, problems: Problems): Pick<RuleInput, 'activateAt' | 'expireAt'> {
  const activateAt = readTimestamp(input['activateAt'], ['activateAt'], problems);
  const expireAt = readTimestamp(input['expireAt'], ['expireAt'], problems);
  if (activateAt !== null && expireAt !== null && expireAt <= activateAt) {
    problems.add(['expireAt'], 'ERR_VALUE_INVALID', 'later than activateAt, or the rule is never asked');
  }
  return { activateAt, expireAt };
}

function priorityOf(input: Json, read: PropertyReader): { priority?: number } {
  const { priority } = input;
  if (priority === undefined) return {};
  if (Number.isInteger(priority) && Number(priority) >= 0 && Number(priority) <= PRIORITY_MAX) {
    return { priority: Number(priority) };
  }
  read.invalid('priority', `a whole number from 0 (asked first) to ${PRIORITY_MAX}; leave it out to go last`);
  return {};
}

function readExceptions(input: unknown, problems: Problems): RuleInput['exceptions'] {
  if (input === undefined || input === null) return null;
  const exceptions = validateConditions(input, ['exceptions'], problems);
  const meant = problems.known.names.resolve(exceptions);
  if (meant !== undefined && 'all' in meant && meant.all.length === 0) {
    problems.add(
      ['exceptions'],
      'ERR_RULE_CONTRADICTORY',
      'true of every message, so the rule could never match; leave the exceptions out',
    );
  }
  return exceptions;
}
