import type { BranchRecipient, Ending, Verdict, VerdictBranch } from '../types.js';
import type { Interpreted } from './interpret.js';

/** What became of one recipient. */
export interface Fate {
  readonly recipient: BranchRecipient;
  readonly copy: Pick<VerdictBranch, 'edits' | 'protection'>;
  readonly ending: Ending;
}

/** Every recipient's fate, however the recipients are grouped; in the order in which the verdict lists them. */
export function fatesOf(verdict: Verdict): readonly (Fate | undefined)[] {
  const fates = verdict.branches.flatMap(({ recipients, edits, protection, ending }) =>
    recipients.map((recipient) => ({ recipient, copy: { edits, protection }, ending })),
  );
  const order = verdict.rules[0]?.recipients.map(({ address }) => address) ?? [];
  return order.map((address) => fates.find(({ recipient }) => recipient.address === address));
}

export function fatesSaid({ people }: Interpreted): readonly Fate[] {
  return people.map(({ recipient, copy, ending }) => ({ recipient, copy, ending }));
}
