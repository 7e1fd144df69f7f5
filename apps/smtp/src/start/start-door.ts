import { NestFactory } from '@nestjs/core';
import type { Logger } from 'pino';
import { nestOptions, ProcessSelf, StartError, systemCodeOf, waitForKeys, type Running } from '#lib/adapters';
import type { DoorConfig } from '../config.js';
import { SmtpDoor } from '../server/smtp-door.js';
import { SmtpModule } from '../smtp.module.js';
import { buildDoor } from './build-door.js';
import { DoorLog } from './door-log.js';

/** Transactions in hand get so long; 30 s are promised, with what comes after it. */
const GRACE_MS = 20_000;

/**
 * Starts the SMTP door: it listens at once, answers 451 until the database has been there, and reports itself from then
 * on. Errors: `ConfigError`, `StartError`.
 */
export async function startDoor(config: DoorConfig, logger: Logger, signal: AbortSignal): Promise<Running> {
  const log = new DoorLog(logger);
  const built = await buildDoor(config, log);
  const app = await NestFactory.createApplicationContext(SmtpModule.on(built, log), nestOptions(logger));
  const door = app.get(SmtpDoor);
  const self = app.get(ProcessSelf);
  const port = await listen(door, config);
  logger.info({ port }, 'listens');
  process.send?.({ type: 'listening', port });
  const kms = await waitForKeys({
    database: built.database,
    kmsUrl: config.storage.kmsUrl,
    signal,
    onWait: (what, error) => logger.info({ what, code: error?.code }, 'waits'),
  });
  if (kms !== undefined) {
    built.keys.open(kms);
    self.start();
    logger.info('is open');
  }
  return {
    close: async () => {
      const left = self.stop();
      await door.close(GRACE_MS);
      await left;
      await app.close();
      await built.close();
    },
  };
}

async function listen(door: SmtpDoor, { listen: { host, smtpPort } }: DoorConfig): Promise<number> {
  try {
    return await door.listen(smtpPort, host);
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === 'EADDRINUSE') {
      throw new StartError(
        `Port ${smtpPort} is taken by another program: set SEALFLOW_SMTP_PORT to a free one, or end that program.`,
      );
    }
    if (code === 'EACCES') {
      throw new StartError(
        `Port ${smtpPort} needs rights that this user has not: set SEALFLOW_SMTP_PORT to one above 1023.`,
      );
    }
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
      throw new StartError('SEALFLOW_HOST is not an address of this machine.');
    }
    throw error;
  }
}
