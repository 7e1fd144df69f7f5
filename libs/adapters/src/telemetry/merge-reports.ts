import { AggregatorRegistry } from 'prom-client';
import type { ProcessReport } from '../postgres/stores.js';

const NAME = /^sealflow_[a-z0-9_]{1,100}$/;
const TYPES: readonly unknown[] = ['counter', 'gauge', 'histogram', 'summary'];

interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly values: readonly {
    readonly value: number;
    readonly metricName?: string;
    readonly labels: Readonly<Record<string, string | number>>;
  }[];
}

/**
 * What all processes report, as one text for Prometheus. Each series says whose it is (`app`, `process`) and is not added
 * up: a sum would fall when a process ends, which Prometheus takes for a counter that began anew. What is no metric of
 * ours (a report of another version) is left out.
 */
export async function mergeReports(reports: readonly Pick<ProcessReport, 'id' | 'app' | 'metrics'>[]): Promise<string> {
  const types = new Map<string, string>();
  const merged = reports.map(({ id, app, metrics }) =>
    metricsOf(metrics)
      .filter(({ name, type }) => types.set(name, types.get(name) ?? type).get(name) === type)
      .map((metric) => ({ ...metric, aggregator: 'sum', values: ownedBy(metric, { app, process: id }) })),
  );
  return await AggregatorRegistry.aggregate(merged).metrics();
}

function ownedBy({ values }: Metric, owner: Readonly<Record<string, string>>): Metric['values'] {
  return values.map((value) => ({ ...value, labels: { ...value.labels, ...owner } }));
}

function metricsOf(metrics: unknown): Metric[] {
  return Array.isArray(metrics) ? metrics.filter(isMetric) : [];
}

function isMetric(metric: unknown): metric is Metric {
  if (!isRecord(metric) || typeof metric['name'] !== 'string' || !NAME.test(metric['name'])) return false;
  const { type, help, values } = metric;
  return TYPES.includes(type) && typeof help === 'string' && Array.isArray(values) && values.every(isValue);
}

function isValue(value: unknown): boolean {
  if (!isRecord(value) || !isRecord(value['labels'])) return false;
  const { value: figure, metricName, labels } = value;
  const isNamed = metricName === undefined || (typeof metricName === 'string' && NAME.test(metricName));
  return typeof figure === 'number' && isNamed && Object.entries(labels).every(isLabel);
}

function isLabel([name, value]: [string, unknown]): boolean {
  return /^[a-z_]{1,50}$/i.test(name) && (typeof value === 'string' || typeof value === 'number');
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
