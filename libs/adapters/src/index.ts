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
export { ConfigError, readConfig, type Environment } from './config/read-config.js';
