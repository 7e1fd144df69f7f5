import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { writeFileSync } from 'node:fs';
import { benchLine } from './line.js';
import { benchMemory } from './memory.js';
import { benchRules } from './rules.js';
import { benchSmime } from './smime.js';
import type { Section } from './support/report.js';

/** `npm run bench [-- smime rules line memory]`: runs the benchmarks beside their peers; all of them write bench/RESULTS.md. */
const BENCHES: Readonly<Record<string, () => Promise<Section>>> = {
  smime: benchSmime,
  rules: benchRules,
  line: benchLine,
  memory: benchMemory,
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !Object.hasOwn(BENCHES, name));
if (unknown.length > 0) {
  process.stderr.write(`There is no benchmark ${unknown.join(', ')}; there are: ${Object.keys(BENCHES).join(', ')}\n`);
  process.exit(2);
}
const sections: Section[] = [];
for (const [name, bench] of Object.entries(BENCHES)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  process.stderr.write(`${name} …\n`);
  sections.push(await bench());
}
const page = [
  '# Benchmarks',
  '',
  `Made by \`npm run bench\` on ${machine()}. Absolute figures belong to that machine; the ratios are to the peer in the same run.`,
  ...sections.flatMap(({ title, text }) => ['', `## ${title}`, '', text]),
  '',
].join('\n');
process.stdout.write(page);
if (asked.length === 0) writeFileSync('bench/RESULTS.md', page);
process.exit(0);

function machine(): string {
  const model = cpus()[0]?.model.trim() ?? 'an unknown processor';
  const openssl = execFileSync('openssl', ['version'], { encoding: 'utf8' }).split(' ').slice(0, 2).join(' ');
  return `${cpus().length} cores (${model}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}, ${openssl}`;
}
