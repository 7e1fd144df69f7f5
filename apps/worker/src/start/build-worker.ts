import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  BullQueue,
  hostNameOf,
  openDatabase,
  readTrustAnchors,
  SegmentBlobStore,
  SmtpRelay,
  StartError,
  ThreadJudge,
  type Database,
} from '#lib/adapters';
import { newId, systemClock } from '#lib/core';
import { Enqueuer, type FlowPorts, type Kms } from '#lib/flow';
import type { WorkerSettings } from '../config.js';
import type { WorkerLog } from './worker-log.js';

/** Everything that the line needs but the keys, which come when the database has been there. */
export interface BuiltWorker {
  readonly id: string;
  readonly database: Database;
  readonly queue: BullQueue;
  readonly enqueue: Enqueuer;
  readonly blobs: SegmentBlobStore;
  readonly relay: SmtpRelay;
  portsWith(kms: Kms): Omit<FlowPorts, 'observe' | 'mayEmit'>;
  /** Ends it all: first what sends and tells the queue, last the database. */
  close(): Promise<void>;
}

/** Opens everything; none of it needs the database to be there yet. Error: `StartError`. */
export async function buildWorker(config: WorkerSettings, log: WorkerLog): Promise<BuiltWorker> {
  const hostName = hostNameOf(config.public.publicUrl);
  const { databaseUrl } = config.database;
  const { blobUrl } = config.storage;
  const trustAnchors = await readTrustAnchors(config.smime.smimeTrustDir);
  const relay = openRelay(config, hostName, log);
  const blobs = await SegmentBlobStore.open(blobUrl).catch(() => {
    throw new StartError(
      'SEALFLOW_BLOB_URL names a folder that cannot be used: it must be there or be makeable, and writable.',
    );
  });
  const database = openDatabase({
    databaseUrl,
    applicationName: 'sealflow-worker',
    postmaster: config.organization.postmaster,
    trustAnchors,
    onError: (error) => log.trouble('database connection', error),
  });
  const queue = new BullQueue({
    redisUrl: config.queue.redisUrl,
    databaseUrl,
    onError: (error) => log.trouble('queue', error),
  });
  const enqueue = new Enqueuer(queue, { onError: (error) => log.trouble('enqueue', error) });
  const judge = new ThreadJudge({
    blobUrl,
    onTrouble: (error, about) => (about === undefined ? log.trouble('judge', error) : log.ofMessage(error, about)),
  });
  const { record, ruleSets, keys, directory, sharedLists } = database;
  return {
    id: newId(systemClock.now().getTime(), randomBytes),
    database,
    queue,
    enqueue,
    blobs,
    relay,
    portsWith: (kms) => ({
      record,
      blobs,
      kms,
      ruleSets,
      keys,
      directory,
      lists: sharedLists,
      judge,
      relay,
      enqueue,
      clock: systemClock,
      random: randomBytes,
      hostName,
      pause: (milliseconds) => delay(milliseconds),
      onTrouble: (error, about) => log.ofMessage(error, about),
    }),
    close: async () => {
      await Promise.allSettled([queue.close({ graceMs: 0 }), judge.close(), relay.close({ graceMs: 0 })]);
      await blobs.close();
      await database.close();
    },
  };
}

function openRelay({ relay: { relayUrl } }: WorkerSettings, hostName: string, log: WorkerLog): SmtpRelay {
  try {
    return new SmtpRelay({ url: relayUrl, hostName, onTrouble: (failure) => log.trouble('relay', failure) });
  } catch {
    throw new StartError(
      'SEALFLOW_RELAY_URL is not the URL of a relay: smtp://host:port or smtps://, with ?tls=none, opportunistic, required or verified.',
    );
  }
}
