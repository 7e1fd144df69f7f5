import { compileRuleSet, type CompiledRuleSet, type RuleSetContent } from '#lib/rules';

/** Compiled rule sets by their hash, the least recently used one leaving first. Compiled rules are kept, never engines. */
export class CompiledRuleSets {
  readonly #compiled = new Map<string, CompiledRuleSet>();
  readonly #countMax: number;

  constructor(countMax: number) {
    this.#countMax = countMax;
  }

  /** Errors: `ERR_RULE_SET_INVALID`, which is not kept. */
  get(ruleSet: { readonly hash: string; readonly content: RuleSetContent }): CompiledRuleSet {
    const compiled = this.#compiled.get(ruleSet.hash) ?? compileRuleSet(ruleSet.content);
    this.#compiled.delete(ruleSet.hash);
    this.#compiled.set(ruleSet.hash, compiled);
    const [oldest] = this.#compiled.keys();
    if (this.#compiled.size > this.#countMax && oldest !== undefined) this.#compiled.delete(oldest);
    return compiled;
  }

  get size(): number {
    return this.#compiled.size;
  }
}
