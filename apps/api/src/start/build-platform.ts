import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import {
  BullQueue,
  openDatabase,
  providers,
  readTrustAnchors,
  SegmentBlobStore,
  StartError,
  ThreadJudge,
  type Database,
} from '#lib/adapters';
import { systemClock } from '#lib/core';
import { Enqueuer } from '#lib/flow';
import type { ApiConfig } from '../config.js';
import { ApiLog } from '../http/api-log.js';
import { Platform } from '../platform.js';
import { LazyJudge } from './lazy-judge.js';

/** The platform of a running process, and what ends with it. */
export interface BuiltPlatform {
  readonly platform: Platform;
  /** Ends what is open, in an order that loses nothing: first what tells the queue, last the database. */
  close(): Promise<void>;
}

/** Opens what needs no database to be there. Error: `StartError` for folders that cannot be used. */
export async function buildPlatform(config: ApiConfig, logger: Logger): Promise<BuiltPlatform> {
  const log = new ApiLog(logger);
  const trustAnchors = await readTrustAnchors(config.smime.smimeTrustDir);
  const blobs = await SegmentBlobStore.open(config.storage.blobUrl).catch(() => {
    throw new StartError(
      'SEALFLOW_BLOB_URL names a folder that cannot be used: it must be there or be makeable, and writable.',
    );
  });
  const database: Database = openDatabase({
    databaseUrl: config.database.databaseUrl,
    applicationName: 'sealflow-api',
    postmaster: config.organization.postmaster,
    trustAnchors,
    openDataKey: (organizationId, wrapped) => platform.kms.openDataKey(organizationId, wrapped),
    onError: (error) => log.trouble('database connection', error),
  });
  const queue = new BullQueue({
    redisUrl: config.queue.redisUrl,
    databaseUrl: config.database.databaseUrl,
    onError: (error) => log.trouble('queue', error),
  });
  const enqueue = new Enqueuer(queue, { onError: (error) => log.trouble('enqueue', error) });
  const { blobUrl } = config.storage;
  const judge = new LazyJudge(
    () => new ThreadJudge({ threads: 1, blobUrl, onTrouble: (error) => log.trouble('judge', error) }),
  );
  const platform = new Platform({
    config,
    stores: database,
    blobs,
    queues: queue,
    enqueue,
    judge,
    providers,
    trustAnchors,
    clock: systemClock,
    random: randomBytes,
    log,
  });
  return {
    platform,
    close: async () => {
      await enqueue.idle();
      await Promise.allSettled([queue.close(), judge.close()]);
      await blobs.close();
      await database.close();
    },
  };
}
