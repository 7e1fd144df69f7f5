import type { Effort } from './effort.js';
import type { Finding } from './findings.js';
import { atomOf } from './formula.js';
import { FACTS } from '../language/facts.js';
import type { Term } from './literal.js';
import type { RuleView } from './rule-view.js';
import type { RuleViews } from './rule-views.js';
import { joined } from './terms.js';

/** More steps than this make a way that nobody meant as a circle. */
const STEPS_MAX = 8;

interface Step {
  readonly view: RuleView;
  readonly to: string;
  readonly isRedirect: boolean;
}

/**
 * Finds ways on which rules send mail for an address to others until it comes back. Each step is about its address, and one
 * message can meet the other conditions of all steps, so far as is known. At least one step is a redirect: who only adds others sends nothing away.
 */
export async function redirectLoops(views: RuleViews, effort: Effort): Promise<readonly Finding[]> {
  const senders = views.all.filter(
    ({ isInForce, isSending, matching }) => isInForce && isSending && matching !== undefined,
  );
  const found = new Map<string, Finding>();
  const starts = new Set(senders.flatMap(({ rule, sendsTo }) => (isRedirecting(rule.actions) ? sendsTo : [])));
  for (const start of starts) {
    const walk = async (at: string, way: readonly Step[], so: Term): Promise<void> => {
      for (const view of senders) {
        await effort.spend(1);
        if (effort.isSpent || way.some((step) => step.view === view)) continue;
        if (view.sendsTo.includes(at)) continue;
        const onward = waysFrom(view, at, so);
        if (onward === undefined) continue;
        for (const to of view.sendsTo) {
          const steps = [...way, { view, to, isRedirect: isRedirecting(view.rule.actions) }];
          if (to === start && steps.some(({ isRedirect }) => isRedirect)) add(found, steps);
          else if (steps.length < STEPS_MAX && !way.some((step) => step.to === to)) await walk(to, steps, onward);
        }
      }
    };
    await walk(start, [], []);
  }
  return [...found.values()];
}

function isRedirecting(actions: RuleView['rule']['actions']): boolean {
  return actions.some(({ type }) => type === 'redirect');
}

/** What must be so of a message to an address for a rule to match, beside what is so; `undefined` if it cannot. */
function waysFrom({ matching }: RuleView, address: string, so: Term): Term | undefined {
  const named = atomOf({ fact: 'recipient.address', operator: '' }, FACTS['recipient.address'], 'equal', [address]);
  for (const term of matching ?? []) {
    if (!isAboutAddress(term)) continue;
    const forIt = joined(term, [{ atom: named, holds: true }]);
    const both =
      forIt === undefined
        ? undefined
        : joined(
            so,
            forIt.filter(({ atom }) => !isOfEnvelope(atom.fact)),
          );
    if (both !== undefined) return both;
  }
  return undefined;
}

/** Whether a rule sends on the mail of somebody whom it names, or all mail of some, not what a message says. */
function isAboutAddress(term: Term): boolean {
  const isNamed = term.some(({ atom, holds }) => holds && atom.fact === 'recipient.address');
  return isNamed || term.every(({ atom }) => isOfEnvelope(atom.fact));
}

/** Each step is another message with other recipients. */
function isOfEnvelope(fact: string): boolean {
  return /^(?:recipients?\.|rcptTo$|to$|cc$|toOrCc$)/.test(fact);
}

function add(found: Map<string, Finding>, steps: readonly Step[]): void {
  const rules = steps.map(({ view }) => view);
  const key = rules
    .map(({ index }) => index)
    .sort((a, b) => a - b)
    .join();
  const [last, ...others] = rules.toSorted((a, b) => b.index - a.index);
  if (last === undefined || found.has(key)) return;
  found.set(key, {
    kind: 'redirectLoop',
    rules: [last, ...others].map(({ rule }) => rule.id),
    message: 'these rules send mail to each other: what one sends on another sends back; let one of them end the way',
  });
}
