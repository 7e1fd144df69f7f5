import { readFileSync } from 'node:fs';
import type { Registry } from 'prom-client';
import { ApiMetrics, gaugesOf } from '../../apps/api/src/health/api-metrics.js';
import { DoorMetrics } from '../../apps/smtp/src/start/door-metrics.js';
import { WorkerMetrics } from '../../apps/worker/src/start/worker-metrics.js';

/** What Node's own figures begin with; they are described together. */
const OF_NODE = /^sealflow_(?:process|nodejs)_/;

interface Described {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly labelNames: readonly string[];
}

function rowsOf(registry: Registry): string[] {
  return (registry.getMetricsAsArray() as unknown as readonly Described[])
    .filter(({ name }) => !OF_NODE.test(name))
    .map(({ name, type, labelNames, help }) => {
      const labels = labelNames.filter((label) => label !== 'le').map((label) => `\`${label}\``);
      return `| \`${name}\` | ${type} | ${labels.join(', ') || '–'} | ${help} |`;
    });
}

describe('docs/metrics.md', () => {
  it('has every figure as the code describes it, and no other', () => {
    const rows = [new DoorMetrics(() => 0), new WorkerMetrics(() => 0), new ApiMetrics()].flatMap(({ registry }) =>
      rowsOf(registry),
    );
    const expected = [...rows, ...rowsOf(gaugesOf({}, {}, 0))].sort();
    const page = readFileSync('docs/metrics.md', 'utf8');
    const found = page.split('\n').filter((line) => line.startsWith('| `sealflow_'));
    expect(found).toEqual(expected);
  });
});
