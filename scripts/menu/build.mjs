import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { capture } from './capture.mjs';
import { ROOT } from './paths.mjs';
import { nodeProgram } from './runtime.mjs';
import { during, MenuError } from './say.mjs';

const DIST = join(ROOT, 'dist');
const STAMP = join(DIST, '.sealflow-built');
const TSC_STATE = join(DIST, '.tsbuildinfo');
const TOP_FOLDERS = ['apps', 'libs'];
const SETTINGS = ['package-lock.json', 'package.json', 'tsconfig.json', 'tsconfig.build.json'];

/** Whether dist is what the sources say. */
export function isBuilt() {
  try {
    return readFileSync(STAMP, 'utf8') === digestOf(sources()) && hasAllOutputs(sources());
  } catch {
    return false;
  }
}

/** Compiles what has changed; what belongs to no source any more goes. */
export async function build(onChild) {
  await during('building dist (tsc)', async () => {
    const files = sources();
    const digest = digestOf(files);
    rmSync(STAMP, { force: true });
    if (!hasAllOutputs(files)) rmSync(TSC_STATE, { force: true });
    const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    const { code, output } = await capture(nodeProgram(), [tsc, '-p', 'tsconfig.build.json'], { onChild });
    if (code !== 0) throw new MenuError('The build failed; what tsc says stands above.', output.trim());
    removeOrphans(files);
    writeFileSync(STAMP, digest);
  });
}

/** What is compiled, relative to the checkout, with `/`. */
function sources() {
  return TOP_FOLDERS.flatMap((top) =>
    readdirSync(join(ROOT, top), { recursive: true })
      .map((name) => `${top}/${name.replaceAll('\\', '/')}`)
      .filter((name) => name.endsWith('.ts') && !/\.(?:int-|e2e-)?spec\.ts$/.test(name)),
  ).sort();
}

function digestOf(files) {
  const hash = createHash('sha256');
  for (const file of [...SETTINGS, ...files]) hash.update(`${file}\n`).update(readFileSync(join(ROOT, file)));
  return hash.digest('hex');
}

const outputOf = (file) => join(DIST, file.replace(/\.ts$/, '.js'));

function hasAllOutputs(files) {
  return files.every((file) => file.endsWith('.d.ts') || existsSync(outputOf(file)));
}

/** Compiled files whose source is gone: an import of one must fail as it would in a fresh checkout. */
function removeOrphans(files) {
  const wanted = new Set(files.map(outputOf));
  for (const top of TOP_FOLDERS) {
    const folder = join(DIST, top);
    if (!existsSync(folder)) continue;
    for (const name of readdirSync(folder, { recursive: true })) {
      const file = join(folder, name);
      if (name.endsWith('.js') && !wanted.has(file)) {
        rmSync(file, { force: true });
        rmSync(`${file}.map`, { force: true });
      }
    }
  }
}
