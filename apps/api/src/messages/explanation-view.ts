import { placeCursor } from '#lib/adapters';
import type { Explanation } from '#lib/flow';
import type { Plain } from '../http/plain.js';
import type { ExplanationDto } from './explanation.dto.js';

/** An explanation as REST shows it. Evidence, which quotes the message, only where `mayRead`. */
export function explanationView(id: string, explanation: Explanation, mayRead: boolean): Plain<ExplanationDto> {
  const { judgeVersionNow: currentJudgeVersion, next, rules, ...base } = explanation;
  return {
    id,
    ...base,
    currentJudgeVersion,
    rules: rules.map((rule) => ({
      ...rule,
      why: rule.why.map((one) => ({ ...one, evidence: mayRead ? one.evidence : [] })),
    })),
    nextCursor: next === null ? null : placeCursor(String(next.judging), next.first),
  };
}
