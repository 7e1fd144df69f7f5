import { ConfigError } from '#lib/adapters';
import { readStandaloneConfig } from './config.js';
import { sentenceOf } from './failure.js';
import { Progress } from './progress.js';
import { Standalone } from './standalone.js';

/** A signal that comes again after this time is meant: then nothing is waited for. */
const ECHO_MS = 1500;

const progress = new Progress();

async function run(): Promise<number> {
  const standalone = await Standalone.open(readStandaloneConfig(), progress);
  let askedAt: number | undefined;
  const asked = new Promise<number>((resolve) => {
    const stop = (): void => {
      if (askedAt !== undefined) {
        if (performance.now() - askedAt > ECHO_MS) void standalone.stopByForce();
        return;
      }
      askedAt = performance.now();
      progress.step('ending');
      resolve(0);
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
    // Whoever started us is gone.
    process.once('disconnect', stop);
    process.channel?.unref();
  });
  try {
    const started = standalone.start();
    // A start that is broken off is no failure.
    started.catch(() => undefined);
    await Promise.race([started, asked]);
    return await Promise.race([asked, standalone.failed]);
  } catch (error) {
    if (askedAt !== undefined) return 0;
    process.stderr.write(`${sentenceOf(error)}\n`);
    return 1;
  } finally {
    await standalone.stop();
  }
}

run().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof ConfigError ? error.message : sentenceOf(error)}\n`);
    process.exit(1);
  },
);
