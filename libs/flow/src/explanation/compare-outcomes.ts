import type { RestoredRule, RuleOutcome } from '#lib/rules';
import type { Difference, ExplainedRule } from './explanation.js';

type Said = Pick<Difference, 'outcome' | 'reason'>;

/**
 * A rule as it is explained to these recipients: the outcomes that were kept, the explanation of now, and where the two do
 * not agree. Without the one or the other as far as it goes.
 */
export function compareOutcomes(
  kept: RestoredRule | undefined,
  now: RuleOutcome | undefined,
  isShown: (address: string) => boolean,
): ExplainedRule | undefined {
  const base = kept ?? now;
  if (base === undefined) return undefined;
  const { id, index, name, mode } = base;
  const saidNow = new Map(now?.recipients.map((one) => [one.address, one]));
  const recipients = base.recipients.filter(({ address }) => isShown(address));
  const isCompared = kept !== undefined && now !== undefined;
  const differenceOf = (then: Said, other: Said): { readonly difference?: Difference } =>
    isCompared && !isSame(then, other) ? { difference: saidOf(other) } : {};
  return {
    id,
    index,
    name,
    mode,
    ...saidOf(base),
    ...differenceOf(base, now ?? base),
    recipients: recipients.map((one) => ({
      ...one,
      ...differenceOf(one, saidNow.get(one.address) ?? { outcome: 'absent' }),
    })),
    why: (now?.why ?? []).filter(({ recipient }) => recipient === undefined || isShown(recipient)),
    ...(now?.unmet === undefined ? {} : { unmet: now.unmet }),
    ...(now?.overruled === undefined ? {} : { overruled: now.overruled }),
    ...(kept === undefined ? { isRecomputed: true as const } : {}),
  };
}

function isSame(a: Said, b: Said): boolean {
  return a.outcome === b.outcome && a.reason === b.reason;
}

function saidOf<T extends Said['outcome']>({
  outcome,
  reason,
}: {
  readonly outcome: T;
  readonly reason?: string;
}): {
  readonly outcome: T;
  readonly reason?: string;
} {
  return reason === undefined ? { outcome } : { outcome, reason };
}
