import { environment } from './config.js';
import { Demo } from './demo/demo.js';
import { Progress } from './progress.js';
import { runUntilAsked } from './run-until-asked.js';

/** `npm run demo [-- --exit]` */
const progress = new Progress();
const unknown = process.argv.slice(2).filter((argument) => argument !== '--exit');

if (unknown.length > 0) {
  process.stderr.write(`The demo knows only --exit, not ${unknown.join(' ')}.\n`);
  process.exitCode = 2;
} else {
  runUntilAsked(
    () => Demo.open(progress, process.argv.includes('--exit'), environment),
    () => progress.step('ending'),
  );
}
