import { ConfigError } from '#lib/adapters';
import { sentenceOf } from './failure.js';

/** A signal that comes again after this time is meant: then nothing is waited for. */
const ECHO_MS = 1500;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const NODE_MAJOR_MIN = 24;

/** What a main of standalone is: started, run until it is asked to end or fails, and ended in any case. */
export interface Runnable {
  /** Resolves when all is up. */
  start(): Promise<void>;
  /** Resolves when it ends by itself, with the exit code; rejects when it cannot go on. */
  readonly ended: Promise<number>;
  stop(): Promise<void>;
  stopByForce(): Promise<void>;
}

/**
 * Runs until a signal comes, or whoever started us is gone, or it ends by itself; then exits the process: 0 if it was
 * asked to. What goes wrong is told in a sentence. `onAsked` is told of the first signal.
 */
export function runUntilAsked(open: () => Promise<Runnable>, onAsked: () => void): void {
  run(open, onAsked).then(
    (code) => process.exit(code),
    (error: unknown) => {
      tell(error);
      process.exit(1);
    },
  );
}

async function run(open: () => Promise<Runnable>, onAsked: () => void): Promise<number> {
  if (Number(process.versions.node.split('.')[0]) < NODE_MAJOR_MIN) {
    process.stderr.write(
      `Sealflow runs on Node ${NODE_MAJOR_MIN}, and this is ${process.version}: start it by \`npm start\`.\n`,
    );
    return 1;
  }
  const runnable = await open();
  let askedAt: number | undefined;
  const asked = new Promise<number>((resolve) => {
    const ask = (): void => {
      if (askedAt !== undefined) {
        if (performance.now() - askedAt > ECHO_MS) void runnable.stopByForce();
        return;
      }
      askedAt = performance.now();
      onAsked();
      resolve(0);
    };
    for (const signal of SIGNALS) process.on(signal, ask);
    // Whoever started us is gone.
    process.once('disconnect', ask);
    process.channel?.unref();
  });
  try {
    const started = runnable.start();
    // A start that is broken off is no failure.
    started.catch(() => undefined);
    await Promise.race([started, asked]);
    return await Promise.race([asked, runnable.ended]);
  } catch (error) {
    if (askedAt !== undefined) return 0;
    tell(error);
    return 1;
  } finally {
    await runnable.stop();
  }
}

function tell(error: unknown): void {
  process.stderr.write(`${error instanceof ConfigError ? error.message : sentenceOf(error)}\n`);
}
