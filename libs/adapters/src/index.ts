export { SegmentBlobStore, type SegmentBlobStoreOptions } from './blob/segment-blob-store.js';
export {
  DatabaseConfig,
  DatabaseOwnerConfig,
  DataConfig,
  LimitsConfig,
  ListenConfig,
  MetricsConfig,
  OrganizationConfig,
  PublicConfig,
  QueueConfig,
  RelayConfig,
  SmimeConfig,
  SmtpConfig,
  StorageConfig,
  WorkerConfig,
} from './config/blocks.js';
export { configPage } from './config/config-page.js';
export { ConfigError, knownVariables, readConfig, type Environment } from './config/read-config.js';
export type { DirectoryServer, DirectoryServerStore, LdapSettings } from './directory/directory-server.js';
export type {
  DirectoryGroup,
  DirectoryGroupStore,
  DirectoryUser,
  DirectoryUserInput,
  DirectoryUserStore,
  GroupLine,
  ImportOutcome,
  UserLine,
} from './directory/directory-stores.js';
export { makeFolder } from './durable-folder.js';
export { AdapterError, adapterErrorCodes, systemCodeOf, type AdapterErrorCode } from './errors.js';
export { ThreadJudge, type JudgeSubject, type ThreadJudgeOptions } from './judge/thread-judge.js';
export { FileKms } from './kms/file-kms.js';
export type { ListStore, ListUse, NamedList } from './postgres/lists/list-store.js';
export { packInTurns } from './postgres/lists/pack-in-turns.js';
export { migrate, type MigrateOptions } from './postgres/migrate.js';
export { placeCursor, placeOfCursor } from './postgres/pages.js';
export { openDatabase, type Database, type DatabaseOptions } from './postgres/open-database.js';
export { errorFacts } from './process/error-facts.js';
export { hostNameOf } from './process/host-name.js';
export { nestOptions } from './process/nest-options.js';
export { ProcessSelf } from './process/process-self.js';
export { readTrustAnchors } from './process/read-trust-anchors.js';
export { runProcess, type Running } from './process/run-process.js';
export { StartError } from './process/start-error.js';
export { waitForKeys } from './process/wait-for-keys.js';
export { BullQueue, type BullQueueOptions, type QueueDepth } from './queue/bull-queue.js';
export type { Consumer, JobHandler } from './queue/consumer.js';
export type { QueueJob } from './queue/job.js';
export { migrateQueue } from './queue/migrate-queue.js';
export { RelayFailure } from './smtp/relay-reply.js';
export type {
  Provider,
  ProviderConnector,
  ProviderOutcome,
  ProviderRefusal,
  ProviderRequest,
} from './providers/provider.js';
export { providers } from './providers/provider-registry.js';
export { SmtpRelay, type SmtpRelayOptions } from './smtp/smtp-relay.js';
export {
  SCOPES,
  type ApiKey,
  type ApiKeyStore,
  type CertificateStore,
  type Connector,
  type ConnectorStore,
  type Housekeeping,
  type MessageAct,
  type MessageActInput,
  type MessageActOutcome,
  type MessageDetail,
  type MessageFilter,
  type MessageListItem,
  type MessageStatus,
  type MessageStore,
  type Organization,
  type OrganizationStore,
  type Page,
  type PageQuery,
  type ProcessReport,
  type ProcessStore,
  type RuleStore,
  type Scope,
  type StoredCertificate,
  type StoredRule,
  type WriteMiss,
} from './postgres/stores.js';
export { makeLogger, type LoggerOptions } from './telemetry/make-logger.js';
export { mergeReports } from './telemetry/merge-reports.js';
