export { addedAddresses, compileRuleSet, type CompiledRuleSet } from './compile/compile-rule-set.js';
export { directoryNeeds, type DirectoryNeeds } from './compile/directory-needs.js';
export { factsRead } from './compile/facts-read.js';
export { hashRuleSet } from './compile/hash-rule-set.js';
export { referencesOf, type References } from './compile/references-of.js';
export { JUDGING_CODES, RULES_ERROR_CODES, type JudgingCode, type RulesErrorCode } from './errors.js';
export { spamScoreIn } from './judge/changed-markings.js';
export { evaluate, type JudgingOptions } from './judge/evaluate.js';
export { ListBuilder, type Added, type PackedEntries } from './lists/list-builder.js';
export { openPackedList, type PackedList } from './lists/packed-list.js';
export { JUDGE_VERSION } from './judge-version.js';
export { restoreOutcomes, type RestoredRule } from './kept/restore-outcomes.js';
export { RULE_PROBLEM_CODES, type RuleProblemCode } from './save/problems.js';
export type { RuleContext } from './save/rule-context.js';
export { validateRule, type RuleValidation } from './save/validate-rule.js';
export { PatternRoom } from './text/pattern-room.js';
export type {
  Action,
  BranchRecipient,
  Condition,
  ConditionTrace,
  DirectoryEntry,
  DirectoryFacts,
  EncryptAction,
  Ending,
  FactError,
  FactRecord,
  FactValue,
  HeaderEdit,
  KeptOutcomes,
  LeafCondition,
  ListReference,
  ListType,
  NamedCondition,
  Outcome,
  Protection,
  RecipientFacts,
  Rollout,
  Rule,
  RuleInput,
  RuleMode,
  RuleOutcome,
  RuleProblem,
  RuleRange,
  RuleSetContent,
  RuleSettings,
  SenderFacts,
  Verdict,
  VerdictBranch,
} from './types.js';
