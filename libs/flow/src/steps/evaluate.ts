import { normalizeAddress } from '#lib/core';
import { directoryNeeds, evaluate as evaluateRules, type Verdict } from '#lib/rules';
import type { CompiledRuleSets } from '../compiled-rule-sets.js';
import { factsOf } from '../facts.js';
import { brand, type Judged, type Parsed } from '../message.js';
import type { JudgeRequest } from '../ports.js';

export interface EvaluateOptions {
  readonly compiled: CompiledRuleSets;
  /** Time that the rules of one message may take together; a rule that it does not reach has failed. */
  readonly budgetMs?: number;
  readonly now?: () => number;
}

/**
 * Asks every rule of the rule set for every recipient. Notices of ours, and mail of ours that a trusted network handed
 * back once, pass without rules. Errors: `ERR_RULE_SET_INVALID`, which holds the message.
 */
export async function evaluate(
  parsed: Parsed,
  request: Pick<JudgeRequest, 'ruleSet' | 'smimeKeys' | 'directory' | 'lists' | 'isExplained'>,
  options: EvaluateOptions,
): Promise<Judged> {
  if (isUnruled(parsed)) {
    return brand<Judged>({ parsed, facts: null, verdict: null });
  }
  const { budgetMs, now } = options;
  const { directory, lists } = request;
  const received = factsOf(parsed.accepted, parsed.mail, request.smimeKeys);
  const facts = directory === undefined ? received : { ...received, directory };
  const verdict = await evaluateRules(options.compiled.get(request.ruleSet), facts, {
    isExplained: request.isExplained ?? true,
    ...(lists === undefined ? {} : { lists }),
    ...(budgetMs === undefined ? {} : { budgetMs }),
    ...(now === undefined ? {} : { now }),
  });
  // The rule set is named by the record, not by whoever compiled it.
  return brand<Judged>({ parsed, facts, verdict: { ...verdict, ruleSet: request.ruleSet.hash } satisfies Verdict });
}

/** Those of the header about whom rules ask the directory, and of whom the request says nothing; senders come first. */
export function wantedAddresses(
  parsed: Parsed,
  { ruleSet, directory = {} }: Pick<JudgeRequest, 'ruleSet' | 'directory'>,
): readonly string[] {
  if (isUnruled(parsed)) return [];
  const needs = directoryNeeds(ruleSet.content);
  const { from, to, cc } = parsed.mail;
  const mailboxes = [...(needs.sender ? from : []), ...(needs.headers ? [...to, ...cc] : [])];
  const addresses = mailboxes.flatMap(({ address }) => (address === '' ? [] : [normalizeAddress(address) ?? address]));
  return [...new Set(addresses)].filter((address) => !Object.hasOwn(directory, address));
}

function isUnruled({ accepted, loop }: Parsed): boolean {
  return accepted.kind === 'notice' || loop === 'ours';
}
