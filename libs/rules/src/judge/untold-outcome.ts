import { isAskedFor, NOT_FOR_ADDED } from './branch-outcomes.js';
import type { Person, PersonOutcome } from './person.js';

/**
 * What a rule comes to for a recipient for whom it was not asked, though it is in force: it came after what ended the rules
 * for that one, or was left out since it cannot match, or has nothing to say to added recipients.
 */
export function untoldOutcome(
  rule: Parameters<typeof isAskedFor>[0],
  person: Pick<Person, 'origin' | 'addedBy' | 'ended' | 'endedAt'>,
): PersonOutcome {
  if (person.ended !== null && rule.index > person.endedAt) return { outcome: 'skipped', reason: person.ended };
  return isAskedFor(rule, person) ? { outcome: 'notMatched' } : NOT_FOR_ADDED;
}
