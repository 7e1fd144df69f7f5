import {
  DatabaseConfig,
  LimitsConfig,
  ListenConfig,
  MetricsConfig,
  OrganizationConfig,
  PublicConfig,
  QueueConfig,
  readConfig,
  SmimeConfig,
  StorageConfig,
  type Environment,
} from '#lib/adapters';

const BLOCKS = {
  database: DatabaseConfig,
  queue: QueueConfig,
  storage: StorageConfig,
  public: PublicConfig,
  listen: ListenConfig,
  organization: OrganizationConfig,
  smime: SmimeConfig,
  limits: LimitsConfig,
  metrics: MetricsConfig,
};

/** Every setting of the API. */
export type ApiConfig = ReturnType<typeof readConfig<typeof BLOCKS>>;

/** Reads the settings, once. Throws `ConfigError` with all problems at once. */
export function readApiConfig(environment: Environment = process.env): ApiConfig {
  return readConfig(BLOCKS, environment);
}
