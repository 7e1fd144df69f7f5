import type { RandomBytes, Secret } from '#lib/core';
import { emitDelayMs } from '../backoff.js';
import { sealSummary, sealTrace } from '../message-content.js';
import type { Plan } from '../message.js';
import type { CloseInput } from '../ports.js';
import type { Run } from '../run.js';

/** What of the run tells content, and the key that it is sealed under. */
export interface TracedPlan {
  readonly plan: Plan;
  readonly dataKey: Secret<Uint8Array>;
  readonly ruleSetUsed: string;
  readonly random: RandomBytes;
}

/** The closing record of a run: states, deliveries, events, who is to be told; content only sealed. */
export function trace(run: Run, at: Date, traced: TracedPlan | null): CloseInput {
  run.stillDeferred((deliveryId, attempts) => new Date(at.getTime() + emitDelayMs(deliveryId, attempts)));
  if (traced === null) return run.toClose(at, { sealedTrace: null, sealedSummary: null, ruleSetUsed: null });
  const { plan, dataKey, random, ruleSetUsed } = traced;
  return run.toClose(at, {
    sealedTrace: plan.verdict === null ? null : sealTrace(dataKey, plan.verdict, random),
    sealedSummary: sealSummary(dataKey, plan.mail, plan.verdict, random),
    ruleSetUsed: plan.verdict === null ? null : ruleSetUsed,
  });
}
