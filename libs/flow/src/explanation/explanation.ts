import type { RestoredRule, RuleOutcome } from '#lib/rules';
import type { KeptJudging } from './kept-judging.js';

/** What another judging than the one that is explained comes to. `absent`: that recipient is none there. */
export interface Difference {
  readonly outcome: RuleOutcome['outcome'] | 'absent';
  readonly reason?: string;
}

/** A rule with the outcomes that it had, its conditions as they are judged now, and in what the outcomes of now differ. */
export interface ExplainedRule extends Omit<RuleOutcome, 'recipients'> {
  readonly recipients: readonly (RestoredRule['recipients'][number] & { readonly difference?: Difference })[];
  readonly difference?: Difference;
  /** Its outcomes were too many to be kept: these are those of now. */
  readonly isRecomputed?: true;
}

/** One judging of a message, and for whom it is the last one. */
export interface ExplainedJudging {
  readonly judgedAt: string;
  readonly ruleSet: string | null;
  readonly state: 'judged' | 'passed' | 'unjudged';
  /** `notice` or `loop` with `passed`, the code with `unjudged`. */
  readonly reason: string | null;
  readonly recipients: readonly string[];
}

/** The answer of `GET /v1/messages/:id/explanation`, a page of it. */
export interface Explanation extends Omit<ExplainedJudging, 'judgedAt' | 'state'> {
  /** `notJudged`: nobody has judged it yet; `notKept`: it was judged by a version that kept too little. */
  readonly state: ExplainedJudging['state'] | 'notJudged' | 'notKept';
  readonly judgedAt: string | null;
  /** The judge that judged, and the one that explains. */
  readonly judgeVersion: number | null;
  readonly judgeVersionNow: number;
  readonly isContentKept: boolean;
  /** Why conditions are missing: `contentDestroyed`, `circumstancesNotKept`, or the code with which the judge of now ends. `null`: they are there. */
  readonly unexplained: string | null;
  /** Judging it now, with the circumstances of then, comes to other outcomes. */
  readonly isDifferent: boolean;
  /** Earlier judgings that are the last one of other recipients. */
  readonly earlier: readonly ExplainedJudging[];
  readonly rules: readonly ExplainedRule[];
  /** Which judging of the message this is of, from 0 on, and the index of the rule that the next page begins with. */
  readonly next: { readonly judging: number; readonly first: number } | null;
}

/** State and reason of what was kept. */
export function stateOf(kept: KeptJudging): Pick<ExplainedJudging, 'state' | 'reason'> {
  switch (kept.kind) {
    case 'judged':
      return { state: 'judged', reason: null };
    case 'passed':
      return { state: 'passed', reason: kept.as };
    case 'unjudged':
      return { state: 'unjudged', reason: kept.code };
  }
}
