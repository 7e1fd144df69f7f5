import { hashRuleSet, type RuleSetContent } from '#lib/rules';
import type { RuleSets } from '../ports.js';

/** Rule sets in memory, for tests. */
export class InMemoryRuleSets implements RuleSets {
  readonly #sets = new Map<string, RuleSetContent>();

  publish(content: RuleSetContent): string {
    const hash = hashRuleSet(content);
    this.#sets.set(hash, content);
    return hash;
  }

  load(_organizationId: string, hash: string): Promise<RuleSetContent> {
    const content = this.#sets.get(hash);
    return content === undefined ? Promise.reject(new Error('no such rule set')) : Promise.resolve(content);
  }
}
