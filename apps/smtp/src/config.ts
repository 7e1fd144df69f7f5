import {
  DatabaseConfig,
  DataConfig,
  LimitsConfig,
  ListenConfig,
  OrganizationConfig,
  PublicConfig,
  QueueConfig,
  readConfig,
  SmtpConfig,
  StorageConfig,
  type Environment,
} from '#lib/adapters';

const BLOCKS = {
  data: DataConfig,
  database: DatabaseConfig,
  queue: QueueConfig,
  storage: StorageConfig,
  public: PublicConfig,
  listen: ListenConfig,
  organization: OrganizationConfig,
  smtp: SmtpConfig,
  limits: LimitsConfig,
};

/** Every setting of the SMTP door. */
export type DoorConfig = ReturnType<typeof readConfig<typeof BLOCKS>>;

/** Reads the settings, once. Throws `ConfigError` with all problems at once. */
export function readDoorConfig(environment: Environment = process.env): DoorConfig {
  return readConfig(BLOCKS, environment);
}
