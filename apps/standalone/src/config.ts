import { join, resolve } from 'node:path';
import {
  DatabaseConfig,
  DatabaseOwnerConfig,
  DataConfig,
  LimitsConfig,
  ListenConfig,
  MetricsConfig,
  OrganizationConfig,
  PublicConfig,
  QueueConfig,
  readConfig,
  RelayConfig,
  SmimeConfig,
  SmtpConfig,
  StorageConfig,
  WorkerConfig,
  type Environment,
} from '#lib/adapters';
import type { Secret } from '#lib/core';

/** The settings as they were given. */
export const environment: Environment = process.env;

/** Every setting is looked at here, so that a wrong one stops the start and not, again and again, a child process. */
const BLOCKS = {
  data: DataConfig,
  queue: QueueConfig,
  storage: StorageConfig,
  relay: RelayConfig,
  public: PublicConfig,
  listen: ListenConfig,
  organization: OrganizationConfig,
  smtp: SmtpConfig,
  smime: SmimeConfig,
  limits: LimitsConfig,
  metrics: MetricsConfig,
  worker: WorkerConfig,
};

export type StandaloneConfig = ReturnType<typeof readConfig<typeof BLOCKS>> & {
  /** As given: what the child processes get besides what we set. Defaults of standalone are filled in. */
  readonly environment: Environment;
  /** `undefined`: the embedded server. */
  readonly databaseUrl: Secret | undefined;
  /** For migrating a database that is not ours; `undefined` if somebody else does that. */
  readonly databaseOwnerUrl: Secret | undefined;
  readonly hasPublicUrl: boolean;
  /** The keys are in the data folder, not where `SEALFLOW_KMS_URL` says. */
  readonly hasOwnKeys: boolean;
};

interface Given {
  readonly database?: DatabaseConfig;
  readonly owner?: DatabaseOwnerConfig;
}

/** Reads all settings, once. `data.dataDir` is absolute. Throws `ConfigError` with all problems at once. */
export function readStandaloneConfig(given: Environment = process.env): StandaloneConfig {
  const has = (name: string): boolean => [given[name], given[`${name}_FILE`]].some((value) => (value ?? '') !== '');
  const dataDir = dataDirOf(given);
  const defaults: Record<string, string | undefined> = {
    SEALFLOW_DATA_DIR: dataDir,
    SEALFLOW_DATA_DIR_FILE: undefined,
  };
  if (!has('SEALFLOW_BLOB_URL')) defaults['SEALFLOW_BLOB_URL'] = `file:${join(dataDir, 'blobs')}`;
  if (!has('SEALFLOW_KMS_URL')) defaults['SEALFLOW_KMS_URL'] = `file:${join(dataDir, 'keys')}`;
  const environment = { ...given, ...defaults };
  const database = has('SEALFLOW_DATABASE_URL') ? { database: DatabaseConfig } : {};
  const owner = has('SEALFLOW_DATABASE_OWNER_URL') ? { owner: DatabaseOwnerConfig } : {};
  const config = readConfig({ ...BLOCKS, ...database, ...owner }, environment) as ReturnType<
    typeof readConfig<typeof BLOCKS>
  > &
    Given;
  return {
    ...config,
    environment,
    databaseUrl: config.database?.databaseUrl,
    databaseOwnerUrl: config.owner?.databaseOwnerUrl,
    hasPublicUrl: has('SEALFLOW_PUBLIC_URL'),
    hasOwnKeys: !has('SEALFLOW_KMS_URL'),
  };
}

/** Absolute, since other settings and processes follow from it. */
function dataDirOf({ SEALFLOW_DATA_DIR, SEALFLOW_DATA_DIR_FILE }: Environment): string {
  const named = { SEALFLOW_DATA_DIR, SEALFLOW_DATA_DIR_FILE };
  return resolve(readConfig({ data: DataConfig }, named).data.dataDir);
}

const MIGRATE_BLOCKS = { database: DatabaseConfig, owner: DatabaseOwnerConfig };

/** What `npm run migrate` needs. Throws `ConfigError`. */
export function readMigrateConfig(
  environment: Environment = process.env,
): ReturnType<typeof readConfig<typeof MIGRATE_BLOCKS>> {
  return readConfig(MIGRATE_BLOCKS, environment);
}
