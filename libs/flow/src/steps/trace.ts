import type { RandomBytes, Secret } from '#lib/core';
import { emitDelayMs } from '../backoff.js';
import { circumstancesOf, type Asked } from '../explanation/circumstances.js';
import { keepJudging, type Judged } from '../explanation/kept-judging.js';
import { sealSummary, sealTrace } from '../message-content.js';
import type { Plan } from '../message.js';
import type { CloseInput } from '../ports.js';
import type { Run } from '../run.js';

/** What of the run tells content, and the key that it is sealed under. */
export interface TracedPlan {
  readonly plan: Plan;
  /** The code with which it could not be judged, though a person released it. */
  readonly unjudged: string | null;
  /** What the judge was asked. */
  readonly asked: Asked;
  readonly dataKey: Secret<Uint8Array>;
  readonly ruleSetUsed: string;
  readonly random: RandomBytes;
}

/**
 * The closing record of a run: states, deliveries, events, who is to be told, what each rule came to; content only sealed.
 * `traced`: what was judged, the code with which that could not be done, or `null` for a run that was not to judge.
 */
export function trace(run: Run, at: Date, traced: TracedPlan | { readonly unjudged: string } | null): CloseInput {
  run.stillDeferred((deliveryId, attempts) => new Date(at.getTime() + emitDelayMs(deliveryId, attempts)));
  const keep = (judged: Judged): CloseInput['judging'] => keepJudging(run.accepted, judged, run.settled, at);
  const nothing = { sealedTrace: null, sealedSummary: null, ruleSetUsed: null };
  if (traced === null) return run.toClose(at, { ...nothing, judging: null });
  if (!('plan' in traced)) return run.toClose(at, { ...nothing, judging: keep(traced) });
  const { plan, asked, dataKey, random, ruleSetUsed, unjudged } = traced;
  const { verdict } = plan;
  return run.toClose(at, {
    sealedTrace: verdict === null ? null : sealTrace(dataKey, verdict, circumstancesOf(asked), random),
    sealedSummary: sealSummary(dataKey, plan.mail, verdict, random),
    ruleSetUsed: verdict === null ? null : ruleSetUsed,
    judging: keep(unjudged === null ? { verdict } : { unjudged }),
  });
}
