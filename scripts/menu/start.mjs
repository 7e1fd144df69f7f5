import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './paths.mjs';
import { prepare } from './prepare.mjs';
import { run } from './run.mjs';
import { MenuError } from './say.mjs';

const APPS = ['standalone', 'api', 'smtp', 'worker'];
/** Young objects live long enough to matter while a message walks: fewer, larger collections. */
const NODE_FLAGS = ['--max-semi-space-size=64', '--enable-source-maps'];

/** The product on this machine (`standalone`), or one process of it. */
export async function startApp([app = 'standalone', ...args]) {
  if (!APPS.includes(app)) throw new MenuError(`There is no app ${app}; there are: ${APPS.join(', ')}.`);
  await prepare();
  if (app === 'standalone') return run([...mainOf('standalone', 'main'), ...args]);
  // The process ends with us: its guard listens to our end of the IPC channel.
  return run([...NODE_FLAGS, ...guard(), ...mainOf(app, 'main'), ...args]);
}

export async function startDemo(args) {
  await prepare();
  return run([...mainOf('standalone', 'demo.main'), ...args]);
}

export async function migrate(args) {
  await prepare();
  return run([...mainOf('standalone', 'migrate.main'), ...args]);
}

export async function bench(args) {
  await prepare();
  return run(['--import', './test/support/from-source.mjs', 'bench/main.ts', ...args]);
}

function mainOf(app, name) {
  const file = `dist/apps/${app}/src/${name}.js`;
  if (!existsSync(join(ROOT, file)))
    throw new MenuError(`${file} is missing: remove the folder dist and run the same command again.`);
  return [file];
}

function guard() {
  return ['--import', './dist/apps/standalone/src/end-with-parent.js'];
}
