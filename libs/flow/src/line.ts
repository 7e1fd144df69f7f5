import { codeOf, observed, reportTrouble, type FlowPorts, type RunOutcome } from './flow-ports.js';
import { lastingCode } from './errors.js';
import type { Accepted, Disposition, Outgoing, Plan } from './message.js';
import { actAll } from './act-all.js';
import { emitAll } from './emit-all.js';
import { closeRun, releaseRun } from './end-run.js';
import { judgeKnowing } from './judge-knowing.js';
import { prepare, type Prepared } from './prepare.js';
import { Run } from './run.js';
import type { JudgeAnswer, JudgeRequest } from './ports.js';
import { CompiledRuleSets } from './compiled-rule-sets.js';
import { evaluate, wantedAddresses, type EvaluateOptions } from './steps/evaluate.js';
import { parse } from './steps/parse.js';
import { plan, planUnjudged } from './steps/plan.js';
import { readUnjudged } from './steps/read-unjudged.js';
import { trace } from './steps/trace.js';
import type { MailLimits } from '#lib/mail';

/** A message that was claimed more often than this is held. */
const TRIES_MAX = 20;

export interface JudgeOptions extends Partial<EvaluateOptions> {
  readonly limits?: MailLimits;
}

/**
 * parse ▶ evaluate ▶ plan: the half of the line that thinks. Without side effect, so that it can run in a thread of its
 * own. What trying again will not mend is an answer (`unjudged`), with the code that the message is held with; anything
 * else is thrown.
 */
export async function judgeMessage(
  request: JudgeRequest,
  raw: AsyncIterable<Uint8Array>,
  options: JudgeOptions = {},
): Promise<JudgeAnswer> {
  try {
    const parsed = await parse(request, raw, options.limits);
    const addresses = wantedAddresses(parsed, request);
    if (addresses.length > 0) return { kind: 'wants', addresses };
    const judged = await evaluate(parsed, request, { compiled: new CompiledRuleSets(1), ...options });
    return { kind: 'planned', plan: plan(judged, request.smimeKeys) };
  } catch (error) {
    const code = lastingCode(error);
    if (code === undefined) throw error;
    return { kind: 'unjudged', code };
  }
}

/**
 * The line of one message, from its claim to its closing record: judge (parse ▶ evaluate ▶ plan) ▶ act ▶ emit ▶ trace.
 * All copies are made before the first one leaves. What trying again may mend gives the claim back; what it will not,
 * or has not after many tries, is held. Nothing leaves in clear that a rule wants protected.
 */
export async function processMessage(ports: FlowPorts, accepted: Accepted): Promise<RunOutcome> {
  const run = new Run(accepted);
  let ready: Ready | string;
  try {
    ready = accepted.tries > TRIES_MAX ? 'ERR_MESSAGE_RETRIES' : await makeReady(ports, accepted);
  } catch (error) {
    reportTrouble(ports, accepted, error);
    const code = lastingCode(error);
    if (code === undefined) return await releaseRun(ports, accepted, codeOf(error));
    ready = code;
  }
  if (typeof ready === 'string') {
    run.holdAll(ready, ports.clock.now());
    return await closeRun(ports, run, trace(run, ports.clock.now(), { unjudged: ready }));
  }
  const { plan: planned, asked, prepared, copies, held, unjudged } = ready;
  noteVerdict(run, planned, copies, ports.clock.now());
  run.dispose([...planned.dispositions, ...held], ports.clock.now());
  await observed(ports, 'emit', () => emitAll(ports, run, prepared.dataKey, copies));
  const { dataKey, ruleSet } = prepared;
  const traced = { plan: planned, unjudged, asked, dataKey, ruleSetUsed: ruleSet.hash, random: ports.random };
  return await closeRun(ports, run, trace(run, ports.clock.now(), traced));
}

interface Ready {
  readonly plan: Plan;
  /** The code with which it could not be judged, though it was planned. */
  readonly unjudged: string | null;
  /** What the judge was asked at last. */
  readonly asked: JudgeRequest;
  readonly prepared: Prepared;
  readonly copies: readonly Outgoing[];
  /** Recipients whose copy could not be made. */
  readonly held: readonly Disposition[];
}

/** Everything up to the first byte that leaves, or the code that the message is held with. */
async function makeReady(ports: FlowPorts, accepted: Accepted): Promise<Ready | string> {
  const given = await prepare(ports, accepted);
  const { judgement, request, known } = await observed(ports, 'judge', () =>
    judgeKnowing(ports, given.question, given.known),
  );
  const prepared = { ...given, known };
  const planned =
    judgement.kind === 'planned' ? { ...prepared, plan: judgement.plan } : await planReleased(prepared, judgement.code);
  if (typeof planned === 'string') return planned;
  const made = await observed(ports, 'act', () => actAll(ports, planned, planned.plan));
  const unjudged = judgement.kind === 'unjudged' ? judgement.code : null;
  return { plan: planned.plan, asked: request, prepared, unjudged, ...made };
}

/** What cannot be judged leaves only as a person released it: unprotected. Else the code that it is held with. */
async function planReleased(prepared: Prepared, code: string): Promise<(Prepared & { readonly plan: Plan }) | string> {
  const { accepted } = prepared;
  if (!accepted.recipients.some(({ state, isUnprotected }) => state === 'pending' && isUnprotected)) return code;
  const { mail, openRaw } = await readUnjudged(prepared.openRaw);
  return { ...prepared, openRaw, plan: planUnjudged(accepted, mail, code) };
}

function noteVerdict(run: Run, { verdict, groups, dispositions }: Plan, copies: readonly Outgoing[], at: Date): void {
  run.event('judged', at, {
    ruleSet: verdict === null ? null : verdict.ruleSet,
    groups: groups.length,
    dispositions: dispositions.length,
  });
  for (const audit of verdict?.audits ?? []) run.audited(audit, at);
  for (const { deliveryId, protection, recipients } of copies) {
    if (protection === 'none') continue;
    run.event('sealed', at, { delivery: deliveryId, protection, recipients: recipients.length });
  }
}
