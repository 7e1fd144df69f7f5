import type { CompiledRule } from '../compile/compile-rule-set.js';
import type { FactRecord } from '../types.js';
import type { Asked } from './asked.js';
import { subjectOf } from './changed-header.js';
import { managersOf } from './directory-facts.js';

/**
 * Why a rule that matches has failed for a recipient all the same: an action would write what cannot be read, or send to
 * somebody who is not known. `undefined` if all can be done.
 */
export function actionProblem(
  { index, reads }: CompiledRule,
  { look, person }: Asked,
  record: FactRecord,
): string | undefined {
  if (index <= person.addedBy) return undefined;
  const needed = [
    reads.subject ? subjectOf(record, look) : undefined,
    reads.senderManager ? managersOf(record) : undefined,
  ];
  for (const one of needed) if (typeof one === 'object' && 'errorCode' in one) return one.errorCode;
  return undefined;
}
