export { accept, type AcceptPorts, type Notice } from './accept.js';
export { CompiledRuleSets } from './compiled-rule-sets.js';
export { evaluateDryRun, type DryRunInput, type DryRunPorts } from './dry-run.js';
export type { DryRun, DryRunGroup, DryRunRecipient } from './dry-run-view.js';
export { Enqueuer } from './enqueuer.js';
export { FlowError, flowErrorCodes, type DirectoryErrorCode, type FlowErrorCode } from './errors.js';
export type { EventType, FlowEvent } from './events.js';
export { explainMessage, type ExplainPorts, type JudgedMessage } from './explanation/explain-message.js';
export type { Explanation } from './explanation/explanation.js';
export { outcomesOf, type KeptJudging } from './explanation/kept-judging.js';
export type { FlowPorts, RunOutcome, StepName } from './flow-ports.js';
export type { Asked } from './judge-knowing.js';
export { judgeMessage, processMessage, type JudgeOptions } from './line.js';
export { openSummary, openTrace, type MessageSummary, type MessageTrace } from './message-content.js';
export type {
  Accepted,
  BlobRef,
  Connection,
  Disposition,
  Envelope,
  EnvelopeRecipient,
  Incoming,
  Notify,
  Outgoing,
  Plan,
  PlanGroup,
  Protection,
  QueueName,
  RecipientRecord,
  RecipientState,
  RelayResult,
} from './message.js';
export { notifyMessage } from './notify.js';
export type {
  AcceptInput,
  AcceptOutcome,
  BlobStore,
  ClaimedNotify,
  Claim,
  CloseInput,
  DataKey,
  DeferredDelivery,
  DeliveryClose,
  Directory,
  Judge,
  JudgeAnswer,
  JudgeRequest,
  Judgement,
  Kms,
  MessageRecord,
  NamedLists,
  NotifyRequest,
  Queue,
  RecipientCertificate,
  RecipientClose,
  RecipientKeys,
  Relay,
  RuleSets,
} from './ports.js';
export type { Known, LookUpPorts } from './look-up.js';
export { lateClose } from './late-close.js';
export { requestDigest } from './request-digest.js';
export { retryMessage } from './retry.js';
export { Telling, type Fate } from './telling.js';
