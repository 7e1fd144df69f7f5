import { randomBytes } from 'node:crypto';
import { BullQueue, hostNameOf, openDatabase, SegmentBlobStore, StartError, type Database } from '#lib/adapters';
import { newId, systemClock } from '#lib/core';
import { Enqueuer } from '#lib/flow';
import type { DoorConfig } from '../config.js';
import { SmtpDoor } from '../server/smtp-door.js';
import { loadTlsPair } from '../tls/load-tls-pair.js';
import { DoorHandlers } from '../transaction/door-handlers.js';
import { DoorKeys } from './door-keys.js';
import type { DoorLog } from './door-log.js';
import { DoorMetrics } from './door-metrics.js';

/** The door with all that is behind it; none of it needs the database to be there yet. */
export interface BuiltDoor {
  readonly id: string;
  readonly door: SmtpDoor;
  readonly keys: DoorKeys;
  readonly database: Database;
  readonly metrics: DoorMetrics;
  /** Ends what is behind the door: first what tells the queue, last the database. */
  close(): Promise<void>;
}

/** How long ids that were accepted last may take to reach the queue; the sweeper has them otherwise. */
const ENQUEUE_MS = 2_000;

/** Opens everything. Errors: `ConfigError`, `StartError`. */
export async function buildDoor(config: DoorConfig, log: DoorLog): Promise<BuiltDoor> {
  const hostName = hostNameOf(config.public.publicUrl);
  const { smtpTlsCertFile: certificateFile, smtpTlsKeyFile: keyFile, trustedNetworks } = config.smtp;
  const tls = await loadTlsPair({ certificateFile, keyFile, dataDir: config.data.dataDir, hostName }, systemClock);
  if (!tls.isKept) log.logger.info('made a certificate in memory: the folder of SEALFLOW_DATA_DIR cannot be written');
  const blobs = await SegmentBlobStore.open(config.storage.blobUrl).catch(() => {
    throw new StartError(
      'SEALFLOW_BLOB_URL names a folder that cannot be used: it must be there or be makeable, and writable.',
    );
  });
  const { databaseUrl } = config.database;
  const database = openDatabase({
    databaseUrl,
    applicationName: 'sealflow-smtp',
    postmaster: config.organization.postmaster,
    onError: (error) => log.trouble('database connection', error),
  });
  const queue = new BullQueue({
    redisUrl: config.queue.redisUrl,
    databaseUrl,
    onError: (error) => log.trouble('queue', error),
  });
  const enqueue = new Enqueuer(queue, { onError: (error) => log.trouble('enqueue', error) });
  const keys = new DoorKeys();
  const { organizations, apiKeys, record } = database;
  const clock = systemClock;
  const handlers = new DoorHandlers(
    {
      organizations,
      apiKeys,
      accept: { record, blobs, kms: keys, enqueue, clock, random: randomBytes },
      clock,
      isOpen: () => keys.isOpen,
    },
    { trustedNetworks, messageSizeBytesMax: config.limits.messageSizeBytesMax },
  );
  const metrics = new DoorMetrics(() => handlers.connectionCount);
  const door = new SmtpDoor(handlers, {
    hostName,
    tls: tls.pair,
    messageSizeBytesMax: config.limits.messageSizeBytesMax,
    onTrouble: (error) => log.refused(error),
    onAccepted: (id) => {
      log.accepted(id);
      metrics.message('ok');
    },
    onRefused: (code) => metrics.message(code),
  });
  return {
    id: newId(clock.now().getTime(), randomBytes),
    door,
    keys,
    database,
    metrics,
    close: async () => {
      await Promise.race([enqueue.idle(), new Promise((resolve) => setTimeout(resolve, ENQUEUE_MS).unref())]);
      await queue.close();
      await blobs.close();
      await database.close();
    },
  };
}
