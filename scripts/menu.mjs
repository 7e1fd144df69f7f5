#!/usr/bin/env node
/**
 * The one menu of package.json: `node scripts/menu.mjs demo | start <app> | migrate | test | check | bench | docs | build`.
 * Plain Node without packages: it is what installs them. This file also has to be read by a Node that is too old.
 */
const NODE_MAJOR_MIN = 20;

if (Number(process.versions.node.split('.')[0]) < NODE_MAJOR_MIN) {
  process.stderr.write(
    'Sealflow needs Node ' +
      NODE_MAJOR_MIN +
      ' or newer to begin with, and this is ' +
      process.version +
      '. Install one from https://nodejs.org and run the same command again.\n',
  );
  process.exitCode = 1;
} else {
  import('./menu/main.mjs').then(({ main }) => main(process.argv.slice(2)));
}
