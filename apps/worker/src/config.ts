import { availableParallelism } from 'node:os';
import {
  DatabaseConfig,
  DataConfig,
  OrganizationConfig,
  PublicConfig,
  QueueConfig,
  readConfig,
  RelayConfig,
  SmimeConfig,
  StorageConfig,
  WorkerConfig,
  type Environment,
} from '#lib/adapters';

const BLOCKS = {
  data: DataConfig,
  database: DatabaseConfig,
  queue: QueueConfig,
  storage: StorageConfig,
  relay: RelayConfig,
  public: PublicConfig,
  organization: OrganizationConfig,
  smime: SmimeConfig,
  worker: WorkerConfig,
};
const PER_CORE = 16;
const CONCURRENCY_MAX = 64;

/** Every setting of the worker. */
export type WorkerSettings = ReturnType<typeof readConfig<typeof BLOCKS>>;

/** Reads the settings, once. Throws `ConfigError` with all problems at once. */
export function readWorkerConfig(environment: Environment = process.env): WorkerSettings {
  return readConfig(BLOCKS, environment);
}

/** `SEALFLOW_WORKER_CONCURRENCY`, or what fits the machine. */
export function concurrencyOf({ worker }: WorkerSettings): number {
  return worker.workerConcurrency ?? Math.min(PER_CORE * availableParallelism(), CONCURRENCY_MAX);
}

/** What a process gets that is one of several workers: the same, but it starts no more. */
export function environmentOfOne(environment: Environment = process.env): Environment {
  const { SEALFLOW_WORKER_PROCESSES_FILE: _file, ...others } = environment;
  return { ...others, SEALFLOW_WORKER_PROCESSES: '1' };
}
