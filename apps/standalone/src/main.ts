import { readStandaloneConfig } from './config.js';
import { Progress } from './progress.js';
import { runUntilAsked } from './run-until-asked.js';
import { Standalone } from './standalone.js';

/** `npm start`: the whole product on this machine, until Ctrl-C. */
const progress = new Progress();

runUntilAsked(
  () => Standalone.open(readStandaloneConfig(), progress),
  () => progress.step('ending'),
);
