import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { mergeReports } from './merge-reports.js';

async function reportOf(id: string, judged: number): Promise<{ id: string; app: 'worker'; metrics: unknown }> {
  const registry = new Registry();
  const registers = [registry];
  new Counter({ name: 'sealflow_steps_total', help: 'Steps.', labelNames: ['step'], registers }).inc(
    { step: 'judge' },
    judged,
  );
  new Gauge({ name: 'sealflow_messages_in_hand', help: 'In hand.', registers }).set(judged + 1);
  new Histogram({
    name: 'sealflow_step_seconds',
    help: 'Time.',
    labelNames: ['step'],
    buckets: [0.1, 1],
    registers,
  }).observe({ step: 'judge' }, 0.5);
  // As it comes from the record.
  return { id, app: 'worker', metrics: JSON.parse(JSON.stringify(await registry.getMetricsAsJSON())) };
}

describe('mergeReports', () => {
  it('shows the series of every process under its own name, each metric once', async () => {
    const text = await mergeReports([await reportOf('one', 3), await reportOf('two', 5)]);
    const lines = text.split('\n');
    expect(lines.filter((line) => line.startsWith('# TYPE sealflow_steps_total'))).toEqual([
      '# TYPE sealflow_steps_total counter',
    ]);
    expect(lines).toContain('sealflow_steps_total{step="judge",app="worker",process="one"} 3');
    expect(lines).toContain('sealflow_steps_total{step="judge",app="worker",process="two"} 5');
    expect(lines).toContain('sealflow_messages_in_hand{app="worker",process="two"} 6');
    expect(lines).toContain('sealflow_step_seconds_bucket{le="0.1",step="judge",app="worker",process="one"} 0');
    expect(lines).toContain('sealflow_step_seconds_bucket{le="1",step="judge",app="worker",process="one"} 1');
    expect(lines).toContain('sealflow_step_seconds_bucket{le="+Inf",step="judge",app="worker",process="one"} 1');
    expect(lines).toContain('sealflow_step_seconds_sum{step="judge",app="worker",process="two"} 0.5');
    expect(lines).toContain('sealflow_step_seconds_count{step="judge",app="worker",process="two"} 1');
  });

  it('leaves out what is no metric of ours, and shows the rest', async () => {
    const good = await reportOf('good', 1);
    const value = { value: 1, labels: {} };
    const metric = { name: 'sealflow_x', help: 'x', type: 'gauge', values: [value], aggregator: 'sum' };
    const bad: unknown[] = [
      null,
      7,
      'x',
      {},
      [null],
      [{ ...metric, name: 'other_x' }],
      [{ ...metric, name: 'sealflow_x\n# TYPE evil gauge' }],
      [{ ...metric, type: 'unknown' }],
      [{ ...metric, values: 'x' }],
      [{ ...metric, values: [{ value: '1', labels: {} }] }],
      [{ ...metric, values: [{ value: 1, labels: { 'a"b': 'x' } }] }],
      [{ ...metric, values: [{ value: 1, labels: { a: {} } }] }],
      [{ ...metric, values: [{ value: 1, labels: {}, metricName: 'evil' }] }],
      [{ ...metric, name: 'sealflow_steps_total' }],
      [{ ...metric, aggregator: 'nonsense', name: 'sealflow_fine' }],
    ];
    const text = await mergeReports([
      good,
      ...bad.map((metrics, n) => ({ id: `bad-${n}`, app: 'api' as const, metrics })),
    ]);
    const others = text.split('\n').filter((line) => line.includes('process="bad-'));
    expect(others).toEqual(['sealflow_fine{app="api",process="bad-14"} 1']);
    expect(text).toContain('sealflow_steps_total{step="judge",app="worker",process="good"} 1');
  });

  it('cannot be led astray by a label', async () => {
    const labels = { step: 'a"} 1\nevil 2', process: 'another', app: 'api' };
    const metrics = [{ name: 'sealflow_x', help: 'x\ny', type: 'gauge', values: [{ value: 1, labels }] }];
    const text = await mergeReports([{ id: 'me', app: 'worker', metrics }]);
    expect(text.trim().split('\n')).toEqual([
      '# HELP sealflow_x x\\ny',
      '# TYPE sealflow_x gauge',
      'sealflow_x{step="a\\"} 1\\nevil 2",process="me",app="worker"} 1',
    ]);
  });

  it('is empty where nothing is reported', async () => {
    expect((await mergeReports([])).trim()).toBe('');
  });
});
