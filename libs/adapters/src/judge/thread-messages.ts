import { AppError, isAppError, type ErrorKind } from '#lib/core';
import type { Accepted, JudgeAnswer, JudgeRequest, Plan } from '#lib/flow';
import type { DirectoryFacts, RuleRange, RuleSetContent } from '#lib/rules';
import { AdapterError, systemCodeOf } from '../errors.js';

/** What a thread is started with. */
export interface ThreadSettings {
  /** Where large messages lie (`SEALFLOW_BLOB_URL`); without it each request brings its bytes. */
  readonly blobUrl: string | null;
  /** Time that the rules of one message may take together. */
  readonly budgetMs: number | null;
}

/** What a thread is told, in batches, in this order. Plain data: no brand, no `Secret` survives the way between threads. */
export type ToThread =
  | {
      readonly kind: 'ruleSet';
      readonly key: string;
      readonly content: RuleSetContent;
      /** Its named lists: the memory itself, not a copy. */
      readonly lists: JudgeRequest['lists'];
    }
  | { readonly kind: 'forget'; readonly key: string }
  | { readonly kind: 'judge'; readonly n: number; readonly key: string; readonly request: SentRequest }
  /** These will not be wanted: others judge them. */
  | { readonly kind: 'cancel'; readonly numbers: readonly number[] };

export interface SentRequest {
  /** Without the wrapped key, which the thread does not need. */
  readonly accepted: Accepted;
  readonly hash: string;
  readonly smimeKeys: readonly string[];
  readonly directory: DirectoryFacts | undefined;
  readonly loopSecret: Uint8Array;
  readonly isExplained: boolean | RuleRange;
  /** The message, or the key that opens its blob. */
  readonly source: { readonly raw: Uint8Array } | { readonly dataKey: Uint8Array };
}

/** `ready` once, then batches of answers. */
export type FromThread = 'ready' | readonly ThreadAnswer[];

export type ThreadAnswer = { readonly n: number } &
  /** The plan without `accepted` as JSON, which crosses in half the time of a structured clone. */
  (
    | { readonly kind: 'planned'; readonly json: string }
    | { readonly kind: 'unjudged'; readonly code: string }
    | { readonly kind: 'wants'; readonly addresses: readonly string[] }
    | { readonly kind: 'failed'; readonly error: SentError }
  );

/** An error of ours by its parts; of others the name and the place alone, since their texts may hold content. */
export interface SentError {
  readonly code: string;
  readonly kind: ErrorKind | null;
  readonly publicText: string;
  readonly detail: Readonly<Record<string, string | number | boolean>>;
  readonly frames: readonly string[];
}

/** The request as it crosses: secrets in clear, for this one way; bytes as a copy that can be given away. */
export function toSent(request: JudgeRequest): SentRequest {
  const { accepted, ruleSet, smimeKeys, directory, loopSecret, dataKey, raw, isExplained = false } = request;
  return {
    accepted: { ...accepted, wrappedKey: new Uint8Array(0) },
    hash: ruleSet.hash,
    smimeKeys,
    directory,
    isExplained,
    loopSecret: new Uint8Array(loopSecret.reveal()),
    source: raw === undefined ? { dataKey: new Uint8Array(dataKey.reveal()) } : { raw: new Uint8Array(raw) },
  };
}

/** A rule set has hundreds of rules, of which few matched: the others cross only where somebody asks for them. */
export function toAnswer(n: number, judgement: JudgeAnswer, isExplained: SentRequest['isExplained']): ThreadAnswer {
  if (judgement.kind !== 'planned') return { n, ...judgement };
  // What was sent is still there on the other side.
  const { accepted: _accepted, verdict, ...plan } = judgement.plan;
  const told =
    verdict === null || isExplained !== false
      ? verdict
      : { ...verdict, rules: verdict.rules.filter(({ outcome }) => outcome === 'matched' || outcome === 'failed') };
  return { n, kind: 'planned', json: JSON.stringify({ ...plan, verdict: told }) };
}

/** Dresses the answer again: the plan has the brand of the step that made it, in the thread. */
export function fromAnswer(answer: ThreadAnswer, request: JudgeRequest): JudgeAnswer {
  switch (answer.kind) {
    case 'planned': {
      const plan = JSON.parse(answer.json) as Omit<Plan, 'accepted'>;
      return { kind: 'planned', plan: { ...plan, accepted: request.accepted } };
    }
    case 'unjudged':
      return { kind: 'unjudged', code: answer.code };
    case 'wants':
      return { kind: 'wants', addresses: answer.addresses };
    case 'failed':
      throw fromSentError(answer.error);
  }
}

export function toSentError(error: unknown): SentError {
  const stack = error instanceof Error ? (error.stack ?? '').split('\n') : [];
  const frames = stack.filter((line) => /^\s+at /.test(line)).slice(0, 20);
  if (isAppError(error)) {
    const { code, kind, publicText, detail } = error;
    return { code, kind, publicText, detail, frames };
  }
  const code = error instanceof Error && systemCodeOf(error) === 'UNKNOWN' ? error.name : systemCodeOf(error);
  return { code, kind: null, publicText: '', detail: {}, frames };
}

function fromSentError({ code, kind, publicText, detail, frames }: SentError): AppError {
  const cause = new Error(`${code} in a judging thread`);
  cause.stack = [`Error: ${cause.message}`, ...frames].join('\n');
  return kind === null
    ? new AdapterError('ERR_JUDGE_FAILED', { detail: { code }, cause })
    : new AppError(code, { kind, publicText, detail, cause });
}
