import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const ROOT = resolve(import.meta.dirname, '../..');
const SETTINGS = ['.dependency-cruiser.mjs', 'tsconfig.json', 'tsconfig.cruise.json', 'package.json'];

interface Violation {
  readonly from: string;
  readonly to: string;
  readonly rule: { readonly name: string };
}

/** What the floor plan says of a tree: the rule broken, and where. */
function violationsOf(root: string): { rule: string; from: string }[] {
  const program = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  let output: string;
  try {
    output = execFileSync(process.execPath, [program, 'apps', 'libs', '--output-type', 'json'], {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      env: { ...process.env, NODE_OPTIONS: '' },
    });
  } catch (error) {
    // It exits with the number of violations.
    output = (error as { stdout: string }).stdout;
  }
  const { summary } = JSON.parse(output) as { summary: { violations: Violation[]; totalCruised: number } };
  expect(summary.totalCruised).toBeGreaterThan(5);
  return summary.violations.map(({ from, rule }) => ({ rule: rule.name, from }));
}

/** A small tree with the settings of this one. */
const SOUND = {
  'libs/core/src/index.ts': 'export const core = 1;\n',
  'libs/mail/src/index.ts': "export { core as mail } from '#lib/core';\n",
  'libs/rules/src/index.ts':
    "import { Engine } from 'json-rules-engine';\nexport { core as rules } from '#lib/core';\nexport const engine = Engine;\n",
  'libs/crypto/src/index.ts':
    "import { randomBytes } from 'node:crypto';\nexport { core as crypto } from '#lib/core';\nexport const random = randomBytes;\n",
  'libs/flow/src/index.ts': "export { rules as flow } from '#lib/rules';\n",
  'libs/adapters/src/index.ts':
    "import 'pg';\nexport { flow as adapters } from '#lib/flow';\nexport * from './own.js';\n",
  'libs/adapters/src/own.ts': 'export const own = 1;\n',
  'apps/api/src/main.ts': "import '@nestjs/common';\nimport '#lib/adapters';\n",
  'apps/worker/src/main.ts': "import '#lib/adapters';\n",
  'dist/libs/core/src/index.js': 'export const core = 1;\n',
};

/** Each in a file of its own: the rule that it breaks, where, and what it says. */
const SINS = [
  ['pure-floor', 'libs/rules/src/nest.ts', "import '@nestjs/common';"],
  ['pure-floor', 'libs/flow/src/queue.ts', "import 'bullmq';"],
  ['no-net-in-pure', 'libs/crypto/src/files.ts', "import 'node:fs';"],
  ['no-net-in-pure', 'libs/mail/src/threads.ts', "import 'worker_threads';"],
  ['no-cycle', 'libs/core/src/cycle.ts', "import './cycle.js';"],
  ['never-blind', 'libs/mail/src/nowhere.ts', "import './not-there.js';"],
  ['front-door-only', 'libs/flow/src/deep.ts', "import '../../rules/src/engine-of-rules.js';"],
  ['front-door-only', 'apps/api/src/deep.ts', "import '../../../libs/adapters/src/own.js';"],
  ['floor-rules', 'libs/rules/src/sideways.ts', "import '#lib/crypto';"],
  ['floor-flow', 'libs/flow/src/up.ts', "import '#lib/adapters';"],
  ['floor-core', 'libs/core/src/up.ts', "import '#lib/mail';"],
  ['floor-adapters', 'libs/adapters/src/up.ts', "import '../../../apps/worker/src/main.js';"],
  ['engine-behind-rules', 'apps/worker/src/engine.ts', "import 'json-rules-engine';"],
  ['apps-are-islands', 'apps/api/src/island.ts', "import '../../worker/src/main.js';"],
  ['not-to-dist', 'apps/worker/src/built.ts', "import '../../../dist/libs/core/src/index.js';"],
] as const;

describe('the floor plan', () => {
  const roots: string[] = [];

  function plant(files: Readonly<Record<string, string>>): string {
    const root = mkdtempSync(join(tmpdir(), 'sealflow-floor-'));
    roots.push(root);
    for (const file of SETTINGS) copyFileSync(join(ROOT, file), join(root, file));
    symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(join(root, dirname(file)), { recursive: true });
      writeFileSync(join(root, file), text);
    }
    return root;
  }

  afterAll(() => {
    for (const root of roots) rmSync(root, { recursive: true });
  });

  it('has a floor for each lib, and for no other', async () => {
    const { FLOOR } = (await import(pathToFileURL(join(ROOT, '.dependency-cruiser.mjs')).href)) as {
      FLOOR: Readonly<Record<string, readonly string[]>>;
    };
    expect(Object.keys(FLOOR).sort()).toEqual(readdirSync(join(ROOT, 'libs')).sort());
    for (const below of Object.values(FLOOR)) for (const lib of below) expect(FLOOR).toHaveProperty(lib);
  });

  it('holds in this tree', () => {
    expect(violationsOf(ROOT)).toEqual([]);
  });

  it('lets a sound tree pass', () => {
    expect(violationsOf(plant(SOUND))).toEqual([]);
  });

  it('guarantees that each planted sin is caught, by its own rule', () => {
    const engineOfRules = { 'libs/rules/src/engine-of-rules.ts': 'export const one = 1;\n' };
    const planted = Object.fromEntries(SINS.map(([, file, text]) => [file, `${text}\nexport const sin = 1;\n`]));
    const found = violationsOf(plant({ ...SOUND, ...engineOfRules, ...planted }));
    const caught = SINS.filter(([rule, file]) => found.some((one) => one.rule === rule && one.from === file));
    expect(caught.map(([rule, file]) => `${rule} ${file}`)).toEqual(SINS.map(([rule, file]) => `${rule} ${file}`));
    const sinners = new Set<string>(SINS.map(([, file]) => file));
    expect(found.filter(({ from }) => !sinners.has(from))).toEqual([]);
  });
});
