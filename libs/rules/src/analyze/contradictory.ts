import { normalizeAddress } from '#lib/core';
import { placeholdersIn } from '../language/placeholders.js';
import type { Action } from '../types.js';
import { CoverIndex } from './cover-index.js';
import type { Effort } from './effort.js';
import type { Finding } from './findings.js';
import { isForBranch, type RuleView } from './rule-view.js';
import type { RuleViews } from './rule-views.js';

/** What an action wants of one thing, of which the first rule decides. */
interface Claim {
  readonly thing: string;
  readonly says: string;
  readonly pointer: string;
}

/**
 * Finds actions that an earlier rule always overrules: for everything that their rule matches, the earlier one has decided
 * the same thing otherwise. Two rules that meet only sometimes are no fault: then the first wins, as is meant. One use
 * only, asked for each rule in order.
 */
export class Contradictions {
  readonly #claims = new Map<string, CoverIndex<Claim & { readonly view: RuleView }>>();

  constructor(
    private readonly views: RuleViews,
    private readonly effort: Effort,
  ) {}

  async find(view: RuleView): Promise<Finding | undefined> {
    // Where one recipient is enough for all, the earlier rule may not have acted for the others.
    if (view.rule.mode !== 'enforce' || isForBranch(view)) return undefined;
    const claims = view.rule.actions.flatMap((action, n) => claimsOf(action, `/actions/${n}`));
    let finding: Finding | undefined;
    for (const claim of claims) finding ??= await this.#overruled(claim, view);
    for (const claim of claims) {
      const earlier = this.#claims.get(claim.thing) ?? new CoverIndex();
      earlier.add({ ...claim, view });
      this.#claims.set(claim.thing, earlier);
    }
    return finding;
  }

  async #overruled(claim: Claim, view: RuleView): Promise<Finding | undefined> {
    const { matching } = view;
    const [first] = matching ?? [];
    if (matching === undefined || first === undefined) return undefined;
    for (const earlier of this.#claims.get(claim.thing)?.for(first) ?? []) {
      await this.effort.spend(1);
      if (this.effort.isSpent) return undefined;
      if (earlier.says === claim.says || this.views.isSentBetween(earlier.view.index, view.index - 1)) continue;
      if (!matching.every((term) => this.views.covers(earlier.view, view, term))) continue;
      return {
        kind: 'contradictory',
        rules: [view.rule.id, earlier.view.rule.id],
        pointer: claim.pointer,
        message:
          'an earlier rule decides this otherwise for everything that this one matches, and the first wins: the action never takes effect',
      };
    }
    return undefined;
  }
}

function claimsOf(action: Action, pointer: string): readonly Claim[] {
  switch (action.type) {
    case 'setHeader':
    case 'removeHeader': {
      // What placeholders become may turn out to be the same.
      if (action.type === 'setHeader' && placeholdersIn(action.value).length > 0) return [];
      const says = action.type === 'setHeader' ? `=${action.value}` : '';
      return [{ thing: `header ${action.name.toLowerCase()}`, says, pointer }];
    }
    case 'encrypt':
      return [{ thing: 'onMissingKey', says: action.onMissingKey, pointer }];
    case 'addRecipient':
    case 'bcc': {
      const as = action.type === 'bcc' ? 'bcc' : action.as;
      return action.addresses.map((address) => ({
        thing: `add ${normalizeAddress(address) ?? address}`,
        says: as,
        pointer,
      }));
    }
    default:
      return [];
  }
}
