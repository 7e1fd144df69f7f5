import { cpus } from 'node:os';
import { join } from 'node:path';
import { capture } from './capture.mjs';
import { ROOT } from './paths.mjs';
import { prepare } from './prepare.mjs';
import { environmentForProduct, nodeProgram } from './runtime.mjs';
import { MenuError, say } from './say.mjs';

/** Longest first: eslint takes one core alone. */
const CHECKS = [
  { name: 'lint', program: 'eslint/bin/eslint.js', args: ['.', '--max-warnings=0'] },
  { name: 'types', program: 'typescript/bin/tsc', args: ['--noEmit', '-p', 'tsconfig.json'] },
  { name: 'format', program: 'prettier/bin/prettier.cjs', args: ['--check', '--log-level=warn', '.'] },
  { name: 'dead code', program: 'knip/bin/knip.js', args: ['--no-progress'] },
  {
    name: 'floor plan',
    program: 'dependency-cruiser/bin/dependency-cruiser.mjs',
    args: ['apps', 'libs', '--output-type', 'err'],
  },
];

/** `npm run check`: a line for each check, what a failing one said, and the exit code. */
export async function check() {
  await prepare({ needsBuild: false });
  const queue = [...CHECKS];
  const failed = [];
  const runner = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      if (!(await runCheck(next))) failed.push(next.name);
    }
  };
  await Promise.all(Array.from({ length: Math.max(2, Math.min(cpus().length, 4)) }, runner));
  say(failed.length === 0 ? 'all checks passed' : `failed: ${failed.join(', ')}`);
  return failed.length === 0 ? 0 : 1;
}

async function runCheck({ name, program, args }) {
  const start = performance.now();
  const result = await capture(nodeProgram(), [join(ROOT, 'node_modules', program), ...args], {
    env: environmentForProduct({ FORCE_COLOR: process.stdout.isTTY === true ? '1' : '0' }),
  });
  if (result.error !== undefined) throw new MenuError(`${name} could not be started: ${result.error.message}`);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  say(`  ${name.padEnd(10)} ${result.code === 0 ? 'passed' : 'FAILED'}  ${seconds} s`);
  if (result.code !== 0) say(result.output.trim());
  return result.code === 0;
}
