/** A problem that is told in one sentence, without a stack. `output`: what a program said, shown above it. */
export class MenuError extends Error {
  constructor(sentence, output = '') {
    super(sentence);
    this.output = output;
  }
}

const REMINDER_MS = 10_000;
const isTerminal = process.stdout.isTTY === true;

// Whoever read us may be gone; that is no reason to fail.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

export function say(line) {
  process.stdout.write(`${line}\n`);
}

const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;

/**
 * Says that something goes on, for how long, and that it is done: on a terminal in one line that counts, elsewhere in
 * a line now and again.
 */
export async function during(what, work) {
  const start = performance.now();
  const show = isTerminal
    ? () => process.stdout.write(`\r\x1b[K  ${what} … ${seconds(start).replace(/\.\d/, '')}`)
    : () => say(`  ${what} … ${seconds(start).replace(/\.\d/, '')}`);
  if (isTerminal) show();
  else say(`  ${what} …`);
  const timer = setInterval(show, isTerminal ? 1000 : REMINDER_MS);
  try {
    const result = await work();
    if (isTerminal) process.stdout.write('\r\x1b[K');
    say(`  ${what}: done in ${seconds(start)}`);
    return result;
  } catch (error) {
    if (isTerminal) process.stdout.write('\n');
    throw error;
  } finally {
    clearInterval(timer);
  }
}
