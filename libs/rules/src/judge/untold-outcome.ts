import { isAskedFor, NOT_FOR_ADDED } from './branch-outcomes.js';
import type { Person, PersonOutcome } from './person.js';

/**
 * What a rule in force comes to for a recipient of whom nothing is noted: it came after what ended the rules for that one,
 * or was left out since it cannot match, or was out of the question when it was asked, or has nothing to say to added
 * recipients.
 */
export function untoldOutcome(
  rule: Parameters<typeof isAskedFor>[0],
  person: Pick<Person, 'origin' | 'addedBy' | 'ended' | 'endedAt'>,
): PersonOutcome {
  if (person.ended !== null && rule.index > person.endedAt) return { outcome: 'skipped', reason: person.ended };
  return isAskedFor(rule, person) ? { outcome: 'notMatched' } : NOT_FOR_ADDED;
}
