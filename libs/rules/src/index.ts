export { analyzeRuleSet, type Analysis, type AnalysisOptions } from './analyze/analyze-rule-set.js';
export { FINDING_KINDS, type AnalysisWorld, type Finding, type FindingKind } from './analyze/findings.js';
export { addedAddresses, compileInSteps, compileRuleSet, type CompiledRuleSet } from './compile/compile-rule-set.js';
export { directoryNeeds, type DirectoryNeeds } from './compile/directory-needs.js';
export { factsRead } from './compile/facts-read.js';
export { hashRuleSet } from './compile/hash-rule-set.js';
export { referencesOf, type References } from './compile/references-of.js';
export { JUDGING_CODES, RULES_ERROR_CODES, type JudgingCode, type RulesErrorCode } from './errors.js';
export { spamScoreIn } from './judge/changed-markings.js';
export { evaluate, type JudgingOptions } from './judge/evaluate.js';
export { ListBuilder, type Added, type PackedEntries } from './lists/list-builder.js';
export { ENTRIES_MAX } from './lists/list-layout.js';
export { openPackedList, type PackedList } from './lists/packed-list.js';
export { readEntry } from './lists/read-entry.js';
export { JUDGE_VERSION } from './judge-version.js';
export { restoreOutcomes, type RestoredRule } from './kept/restore-outcomes.js';
export { RULE_PROBLEM_CODES, type RuleProblemCode } from './save/problems.js';
export type { RuleContext } from './save/rule-context.js';
export { validateCondition, type ConditionValidation } from './save/validate-condition.js';
export { validateRuleSet } from './save/validate-rule-set.js';
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
