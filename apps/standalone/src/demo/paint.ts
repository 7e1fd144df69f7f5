import type { Progress } from '../progress.js';

const isColourful = process.stdout.isTTY && process.stdout.hasColors();
const code =
  (on: number, off: number) =>
  (text: string): string =>
    isColourful ? `\x1b[${on}m${text}\x1b[${off}m` : text;

export const bold = code(1, 22);
export const dim = code(2, 22);
export const green = code(32, 39);
export const red = code(31, 39);
export const yellow = code(33, 39);

/** The line that each message walks, once. */
export function drawLine(progress: Progress): void {
  const picture = [
    '  SMTP    ─┐                                                        ┌─▶ sealed for each who has a key',
    '  REST    ─┼─▶ accept ═▶ parse ▶ evaluate ▶ plan ▶ act ▶ emit ──────┼─▶ untouched where no rule matches',
    '  webhook ─┘     └ only now 250 / 202                               └─▶ held, with a reason, without a key',
  ];
  progress.line();
  for (const line of picture) progress.line(line);
  progress.line();
}
