import { MenuError, say } from './say.mjs';

const USAGE = `Usage: npm run <command>
  demo               the main job, shown; -- --exit ends by itself
  test               the tests; test:nightly takes longer
  start              everything on this machine; start:api, start:smtp, start:worker one process each
  migrate            bring a database up to date
  check              format, lint, floor plan, dead code, types
  bench              benchmarks beside their peers
  docs               write the generated pages anew`;

const COMMANDS = {
  demo: async (args) => (await import('./start.mjs')).startDemo(args),
  start: async (args) => (await import('./start.mjs')).startApp(args),
  migrate: async (args) => (await import('./start.mjs')).migrate(args),
  test: async (args) => (await import('./test.mjs')).test(args),
  check: async () => (await import('./check.mjs')).check(),
  bench: async (args) => (await import('./start.mjs')).bench(args),
  docs: async () => (await import('./docs.mjs')).docs(),
  build: async () => {
    const { prepare } = await import('./prepare.mjs');
    await prepare();
    say('dist/ is up to date');
    return 0;
  },
};

/** Runs one command of the menu; its result is the exit code. Whatever goes wrong is said in a sentence. */
export async function main([command, ...args]) {
  try {
    if (!Object.hasOwn(COMMANDS, command ?? '')) {
      process.stderr.write(`${USAGE}\n`);
      process.exitCode = 2;
      return;
    }
    process.exitCode = await COMMANDS[command](args);
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`);
    process.exitCode = 1;
  }
}

function explain(error) {
  if (error instanceof MenuError) return `${error.output}${error.output === '' ? '' : '\n'}${error.message}`;
  const { code, path } = error;
  if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM') {
    return `${path ?? 'A file of this folder'} cannot be read or written by this user: clone Sealflow into a folder that is yours and run the same command there.`;
  }
  if (code === 'ENOSPC') return 'The disk is full: make room and run the same command again.';
  return `The menu itself failed (${error.message}); please report this, with what NODE_DEBUG=menu shows.${process.env.NODE_DEBUG === 'menu' ? `\n${error.stack}` : ''}`;
}
