import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepare } from './prepare.mjs';
import { run } from './run.mjs';
import { say } from './say.mjs';

/** One more than the cores of a small machine: many files wait for processes, clocks and relays most of their time. */
const WORKERS = 3;
/** Jest keeps what a test file loaded, and collecting garbage among it takes time: a worker beyond this begins anew. */
const WORKER_MEMORY = '600MB';

/**
 * `npm test [-- patterns and flags of Jest]`. Its last line is `N passed, M failed, K skipped`; a run of Jest that ends
 * without a result counts as a failure.
 */
export async function test(args) {
  const isNightly = args.includes('--nightly');
  await prepare();
  const folder = mkdtempSync(join(tmpdir(), 'sealflow-test-'));
  const resultFile = join(folder, 'result.json');
  try {
    const code = await run(jestArguments(args.filter((argument) => argument !== '--nightly')), {
      env: environmentOfTests(resultFile, isNightly),
      wholeGroup: true,
    });
    return tell(readResult(resultFile), code);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function jestArguments(args) {
  return [
    'node_modules/jest/bin/jest.js',
    '--reporters=<rootDir>/scripts/menu/test-reporter.mjs',
    '--testSequencer=<rootDir>/scripts/menu/test-sequencer.mjs',
    `--maxWorkers=${WORKERS}`,
    `--workerIdleMemoryLimit=${WORKER_MEMORY}`,
    ...args,
  ];
}

/** Settings of a product that runs here are none of the tests' business. */
function environmentOfTests(resultFile, isNightly) {
  const ours = Object.keys(process.env).filter((name) => name.startsWith('SEALFLOW_'));
  return {
    ...Object.fromEntries(ours.map((name) => [name, undefined])),
    NODE_ENV: 'test',
    NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning',
    TEST_RESULT_FILE: resultFile,
    ...(process.env.SEALFLOW_REQUIRE_TOOLS === '1' ? { TEST_REQUIRE_TOOLS: '1' } : {}),
    ...(isNightly ? { TEST_NIGHTLY: '1' } : {}),
  };
}

function readResult(file) {
  if (!existsSync(file)) return undefined;
  return JSON.parse(readFileSync(file, 'utf8'));
}

function tell(result, code) {
  const { passed = 0, failed = 0, skipped = 0 } = result ?? {};
  let broken = 0;
  if (result === undefined) {
    say(`Jest ended (${code}) before it had a result: counted as one failure.`);
    broken = 1;
  } else if (failed === 0 && (code !== 0 || passed + skipped === 0)) {
    say(
      passed + skipped === 0
        ? 'No test was found: counted as one failure.'
        : `Jest ended with ${code} although no test failed: counted as one failure.`,
    );
    broken = 1;
  }
  say(`${passed} passed, ${failed + broken} failed, ${skipped} skipped`);
  return failed + broken === 0 ? 0 : 1;
}
