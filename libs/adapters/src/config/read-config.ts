import { validateSync } from 'class-validator';
import { readFileSync } from 'node:fs';
import { ALL_BLOCKS } from './blocks.js';
import { settingsOf } from './setting.js';

export type Environment = Readonly<Record<string, string | undefined>>;
type Blocks = Readonly<Record<string, new () => object>>;
type ConfigOf<T extends Blocks> = { readonly [K in keyof T]: InstanceType<T[K]> };

const FILE_SUFFIX = '_FILE';

/** Everything wrong with the environment, a line each: the variable and the rule broken, never the value. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The settings are not usable:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/**
 * Reads config blocks from the environment, once. An empty variable counts as absent; `<NAME>_FILE` names a file whose
 * trimmed text is the value; an unknown `SEALFLOW_*` name is an error with the nearest known name.
 *
 * @throws ConfigError with all problems at once
 */
export function readConfig<T extends Blocks>(blocks: T, environment: Environment): ConfigOf<T> {
  const problems = unknownVariables(environment);
  const config: Record<string, object> = {};
  for (const [name, Block] of Object.entries(blocks)) {
    const block = new Block();
    const unreadable = new Set<string>();
    for (const setting of settingsOf(Block)) {
      const text = valueOf(environment, setting.variable, problems, () => unreadable.add(setting.property));
      if (text !== undefined) Object.assign(block, { [setting.property]: setting.read(text) });
    }
    problems.push(...brokenRules(Block, block, unreadable));
    config[name] = block;
  }
  if (problems.length > 0) throw new ConfigError([...new Set(problems)]);
  return config as ConfigOf<T>;
}

function valueOf(
  environment: Environment,
  variable: string,
  problems: string[],
  onUnreadable: () => void,
): string | undefined {
  const text = environment[variable];
  const file = environment[variable + FILE_SUFFIX];
  if (text !== undefined && text !== '') {
    if (file !== undefined && file !== '')
      problems.push(`${variable} and ${variable}_FILE are both set; set one of them`);
    return text;
  }
  if (file === undefined || file === '') return undefined;
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    problems.push(`${variable}_FILE names a file that cannot be read`);
    onUnreadable();
    return undefined;
  }
}

function brokenRules(Block: new () => object, block: object, unreadable: ReadonlySet<string>): string[] {
  const variables = new Map(settingsOf(Block).map((setting) => [setting.property, setting.variable]));
  return validateSync(block, { stopAtFirstError: true })
    .filter((error) => !unreadable.has(error.property))
    .map((error) => {
      const variable = variables.get(error.property) ?? error.property;
      const rule = Object.values(error.constraints ?? {})[0] ?? 'is not valid';
      return error.value === undefined
        ? `${variable} is needed: it ${rule}`
        : `${variable}: ${rule.replace(`${error.property} `, '')}`;
    });
}

/** Every variable of ours, the `_FILE` twins too. */
export function knownVariables(): ReadonlySet<string> {
  return new Set(variables().flatMap((name) => [name, name + FILE_SUFFIX]));
}

function variables(): readonly string[] {
  return ALL_BLOCKS.flatMap((block) => settingsOf(block).map((setting) => setting.variable));
}

function unknownVariables(environment: Environment): string[] {
  const known = variables();
  const names = knownVariables();
  return Object.keys(environment)
    .filter((name) => name.startsWith('SEALFLOW_') && !names.has(name))
    .map((name) => `${name} is not a setting of Sealflow; did you mean ${nearest(name, known)}?`);
}

function nearest(name: string, known: readonly string[]): string {
  const distances = known.map((candidate) => ({ candidate, distance: editDistance(name, candidate) }));
  distances.sort((a, b) => a.distance - b.distance);
  return distances[0]?.candidate ?? '';
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
