import { compileRuleSet, evaluate, type CompiledRuleSet, type FactRecord, type RuleSettings } from '#lib/rules';
import { askNaively } from './support/naive-rules.js';
import { textKb, toMany, vectorRecords, withBody } from './support/rule-messages.js';
import { ruleMix } from './support/rule-mix.js';
import { median, table, type Section } from './support/report.js';

const COUNTS = [10, 100, 1_000, 5_000, 20_000];
/** Beyond this the naive engine takes minutes. */
const NAIVE_COUNT_MAX = 5_000;
const LARGE_COUNT = 5_000;
const SETTINGS: RuleSettings = { acceptedDomains: ['clinic.example'], partnerDomains: [], timeZone: 'UTC' };
/** Each figure is the median of rounds over all messages, as many as take so long together. */
const [SECONDS, ROUNDS_MIN] = [1.5, 5];

type Run = (record: FactRecord) => Promise<unknown>;

/** Judging by many rules, beside json-rules-engine alone: one message at a time, one recipient class. */
export async function benchRules(): Promise<Section> {
  const records = (await vectorRecords()).map((record) => (textKb(record) < 1 ? withBody(record, 1_000) : record));
  const kb = records.reduce((sum, record) => sum + textKb(record), 0) / records.length;
  const rows: string[][] = [];
  const totals = new Map<number, number>();
  let largest: CompiledRuleSet | undefined;
  // Code that is used for the first time is compiled, and counts for nothing here.
  const warm = compileRuleSet({ rules: ruleMix(1_000), settings: SETTINGS });
  await microsEach(records, (record) => evaluate(warm, record, { isExplained: false }));
  for (const count of COUNTS) {
    const rules = ruleMix(count);
    const startedAt = performance.now();
    const compiled = compileRuleSet({ rules, settings: SETTINGS });
    const compileMs = performance.now() - startedAt;
    if (count === LARGE_COUNT) largest = compiled;
    const ours = await microsEach(records, (record) => evaluate(compiled, record, { isExplained: false }));
    const explained = await microsEach(records, (record) => evaluate(compiled, record));
    const naive =
      count > NAIVE_COUNT_MAX ? undefined : await microsEach(records, (record) => askNaively(rules, record), 0);
    totals.set(count, ours);
    rows.push([
      count.toLocaleString('en'),
      compileMs.toFixed(0),
      (compiled.prefilter.table.sizeBytes / 1e6).toFixed(1),
      ours.toFixed(0),
      explained.toFixed(0),
      naive === undefined ? '–' : naive.toFixed(0),
      naive === undefined ? '–' : (naive / ours).toFixed(0),
    ]);
    process.stderr.write(`  ${count} rules\n`);
  }
  const [least = 10, most = 10] = [COUNTS[0], COUNTS.at(-1)];
  const slope = ((totals.get(most) ?? 0) - (totals.get(least) ?? 0)) / (most - least) / kb;
  const head = ['rules', 'compile, ms', 'table, MB', 'µs a message', 'all explained', 'json-rules-engine', 'ratio'];
  return {
    title: 'Rules, beside json-rules-engine alone',
    text: [
      `Messages of test/vectors, short bodies repeated up to 1,000 characters (${kb.toFixed(1)} kB of text on average); five rules match. Medians.`,
      table(head, rows),
      `Slope from ${least} to ${most} rules: ${slope.toFixed(4)} µs for each rule and kB of text.`,
      largest === undefined ? '' : await largeText(largest, records),
    ].join('\n\n'),
  };
}

async function largeText(compiled: CompiledRuleSet, records: readonly FactRecord[]): Promise<string> {
  const hurried: Run = (record) => evaluate(compiled, record, { isExplained: false });
  const large = async (chars: number): Promise<number> =>
    (await microsEach(
      records.map((record) => withBody(record, chars)),
      hurried,
    )) / 1000;
  const [one, two] = [await large(1_000_000), await large(2_000_000)];
  const single = await microsEach(records, hurried);
  const many = await microsEach(
    records.map((record) => toMany(record, 50)),
    hurried,
  );
  return [
    `At ${LARGE_COUNT.toLocaleString('en')} rules: a body of 1 MB ${one.toFixed(1)} ms, of 2 MB ${two.toFixed(1)} ms (${(two / one).toFixed(2)} times);`,
    `50 recipients of 5 kinds ${many.toFixed(0)} µs, ${(many / single).toFixed(1)} times one.`,
  ].join(' ');
}

/** Microseconds for a message; 0 seconds: one round only, after none that warms up. */
async function microsEach(records: readonly FactRecord[], run: Run, seconds = SECONDS): Promise<number> {
  const rounds: number[] = [];
  const endsAt = performance.now() + seconds * 1000;
  while (performance.now() < endsAt || rounds.length < (seconds === 0 ? 1 : ROUNDS_MIN)) {
    const startedAt = performance.now();
    for (const record of records) await run(record);
    rounds.push(((performance.now() - startedAt) * 1000) / records.length);
  }
  return median(rounds);
}
