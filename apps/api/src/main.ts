import 'reflect-metadata';
import { pino } from 'pino';
import { ConfigError, systemCodeOf } from '#lib/adapters';
import { readApiConfig } from './config.js';
import { errorFacts } from './http/api-log.js';
import { runApi } from './start/run-api.js';
import { StartError } from './start/start-error.js';

const logger = pino({ base: { app: 'api' }, timestamp: pino.stdTimeFunctions.isoTime });

try {
  const config = readApiConfig();
  await runApi(config, logger);
} catch (error) {
  process.stderr.write(`${sentence(error)}\n`);
  process.exit(1);
}

/** One sentence for whoever starts it; no stack, no value. */
function sentence(error: unknown): string {
  if (error instanceof ConfigError || error instanceof StartError) return error.message;
  const code = systemCodeOf(error);
  logger.fatal(errorFacts(error), 'cannot start');
  return `The API cannot start (${code}); its log has the place.`;
}
