import type { Condition } from '../types.js';
import { CONDITION_LEVELS_MAX, CONDITIONS_MAX, GROUPS_MAX } from './depth-guard.js';
import type { Path, Problems } from './problems.js';

/** Checks what conditions come to with those that their names stand for; they are read, and their names known. */
export function validateSize(conditions: readonly Condition[], path: Path, problems: Problems): void {
  const sizes = conditions.map((one) => problems.known.names.sizeOf(one));
  if (sizes.some(({ isCircular }) => isCircular)) return;
  const sum = (of: 'leaves' | 'groups'): number => sizes.reduce((total, size) => total + size[of], 0);
  const refuse = (what: string): void =>
    problems.add(path, 'ERR_RULE_TOO_LARGE', `at most ${what}, with those that names stand for`);
  if (sum('leaves') > CONDITIONS_MAX) refuse(`${CONDITIONS_MAX} conditions`);
  if (sum('groups') > GROUPS_MAX) refuse(`${GROUPS_MAX} groups of conditions`);
  if (sizes.some(({ levels }) => levels > CONDITION_LEVELS_MAX)) {
    const message = `nested deeper than ${CONDITION_LEVELS_MAX} levels, with those that names stand for`;
    problems.add(path, 'ERR_RULE_TOO_DEEP', message);
  }
}
