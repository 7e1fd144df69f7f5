import type { RuleSetContent } from '../types.js';
import { Contradictions } from './contradictory.js';
import { Duplicates } from './duplicate.js';
import { Effort } from './effort.js';
import type { AnalysisWorld, Finding } from './findings.js';
import { neverInForce } from './never-in-force.js';
import { protectsEverything } from './protects-everything.js';
import { redirectLoops } from './redirect-loops.js';
import { unusedConditions, wrongReferences } from './references.js';
import type { RuleView } from './rule-view.js';
import { RuleViews } from './rule-views.js';
import { shadowed } from './shadowed.js';
import { unreachable } from './unreachable.js';

/** More findings than this are not told. */
export const FINDINGS_MAX = 1_000;
const STEPS_MAX = 5_000_000;

export interface AnalysisOptions {
  /** Steps of about a microsecond; 5,000,000. */
  readonly stepsMax?: number;
  /** Awaited about every thousand steps, so that others have their turn; what it throws ends the analysis. */
  readonly turn?: () => Promise<void>;
}

export interface Analysis {
  /** In the order of the rules that they are about first. */
  readonly findings: readonly Finding[];
  /** `false`: the steps or the findings were too many, and there may be more. */
  readonly isComplete: boolean;
}

/**
 * What is wrong with a rule set that was validated. Only what is proven is said: a rule that is named does as the finding says
 * for every message, but for copies that a person released unprotected or from a quarantine.
 */
export async function analyzeRuleSet(
  content: RuleSetContent,
  world: AnalysisWorld,
  { stepsMax = STEPS_MAX, turn }: AnalysisOptions = {},
): Promise<Analysis> {
  const atMs = Date.parse(world.at);
  const effort = new Effort(stepsMax, turn);
  const views = await RuleViews.of(content, atMs, effort);
  const duplicates = new Duplicates(views);
  const contradictions = new Contradictions(views, effort);
  const findings: Finding[] = [];
  for (const view of views.all) {
    await effort.spend(1);
    if (effort.isSpent || findings.length > FINDINGS_MAX) break;
    findings.push(...wrongReferences(view.rule, content, world));
    const asleep = neverInForce(view, atMs);
    if (asleep !== undefined) findings.push(asleep);
    if (view.isAwake && asleep === undefined) findings.push(...(await ofRule(view)));
  }
  findings.push(...(await redirectLoops(views, effort)), ...unusedConditions(content, world));
  return {
    findings: findings.slice(0, FINDINGS_MAX),
    isComplete: !effort.isSpent && findings.length <= FINDINGS_MAX,
  };

  /** What never comes to act has no other fault. */
  async function ofRule(view: RuleView): Promise<readonly Finding[]> {
    const idle = unreachable(view) ?? duplicates.find(view) ?? (await shadowed(view, views, effort));
    if (idle !== undefined) return [idle];
    const others = [await contradictions.find(view), protectsEverything(view, views)];
    return others.filter((one) => one !== undefined);
  }
}
