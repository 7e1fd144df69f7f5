import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';

const GRACE_MS = 10_000;
const SLOW_FILE_MS = 10_000;
const say = (line) => process.stdout.write(`${line}\n`);

/** Jest's reporter of `npm test`: a line for each file, failures whole, the skipped by name; counts go to a file. */
export default class TestReporter {
  #start = performance.now();
  #isTerminal = process.stdout.isTTY === true;

  onRunStart({ numTotalTestSuites }) {
    say(`  running ${numTotalTestSuites} test files`);
  }

  onTestFileStart() {}

  onTestFileResult(
    { path },
    result,
    { numTotalTestSuites, numPassedTestSuites, numFailedTestSuites, numPendingTestSuites },
  ) {
    const done = numPassedTestSuites + numFailedTestSuites + numPendingTestSuites;
    const isBad = result.numFailingTests > 0 || result.testExecError !== undefined;
    const ms = result.perfStats.end - result.perfStats.start;
    const time = ms > SLOW_FILE_MS || isBad ? ` ${(ms / 1000).toFixed(1)} s` : '';
    const tests = `${result.numPassingTests} passed${some(result.numFailingTests, 'failed')}${some(result.numPendingTests, 'skipped')}`;
    say(
      `  ${isBad ? this.#red('FAIL') : 'ok  '} ${String(done).padStart(3)}/${numTotalTestSuites} ${nameOf(path)}: ${tests}${time}`,
    );
    if (isBad) say(result.failureMessage ?? result.testExecError?.message ?? '');
    if (isBad && result.console !== undefined) for (const { message } of result.console) say(`    ${message}`);
  }

  onRunComplete(_contexts, results) {
    tellSkipped(results.testResults);
    tellFailed(results.testResults);
    say(`  ran for ${((performance.now() - this.#start) / 1000).toFixed(0)} s`);
    const counts = {
      passed: results.numPassedTests,
      failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
      skipped: results.numPendingTests + results.numTodoTests,
    };
    writeFileSync(process.env.TEST_RESULT_FILE, JSON.stringify(counts));
    // A test that left something open must not keep the whole run.
    setTimeout(() => process.exit(counts.failed === 0 ? 0 : 1), GRACE_MS).unref();
  }

  #red(text) {
    return this.#isTerminal ? `\x1b[31m${text}\x1b[39m` : text;
  }
}

const nameOf = (path) => relative(process.cwd(), path);
const some = (count, what) => (count === 0 ? '' : `, ${count} ${what}`);

/** Whole groups are told once, by the outermost name, which says why. */
function tellSkipped(files) {
  for (const { testFilePath, testResults } of files) {
    const groups = new Map();
    for (const { status, ancestorTitles, title } of testResults) {
      if (status !== 'pending' && status !== 'todo' && status !== 'skipped') continue;
      const name = ancestorTitles[0] ?? title;
      groups.set(name, (groups.get(name) ?? 0) + 1);
    }
    for (const [name, count] of groups) say(`  skipped ${count} of ${nameOf(testFilePath)}: ${name}`);
  }
}

function tellFailed(files) {
  for (const { testFilePath, testResults, testExecError } of files) {
    if (testExecError !== undefined) say(`  failed  ${nameOf(testFilePath)}: it could not run`);
    for (const { status, fullName } of testResults) {
      if (status === 'failed') say(`  failed  ${nameOf(testFilePath)}: ${fullName}`);
    }
  }
}
