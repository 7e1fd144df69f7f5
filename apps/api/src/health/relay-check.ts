import type { ProcessReport } from '#lib/adapters';
import type { Check } from './check.js';

/** What workers say of the relay. It is ready when it is configured: that it is away is for its own watch, and mail waits. */
export function relayCheck(workers: readonly Pick<ProcessReport, 'state'>[]): Check {
  if (workers.length === 0) return { ok: false, detail: 'unknown without a worker' };
  if (workers.some(({ state }) => state['relay'] !== 'configured')) {
    return { ok: false, detail: 'SEALFLOW_RELAY_URL is not set: mail waits' };
  }
  const reachedAt = Math.max(...workers.map(({ state }) => timeOf(state['relayReachedAt'])));
  const failures = workers
    .map(({ state }) => state)
    .filter(({ relayFailedAt }) => timeOf(relayFailedAt) > reachedAt)
    .sort((a, b) => timeOf(a['relayFailedSince']) - timeOf(b['relayFailedSince']));
  const [first] = failures;
  if (first === undefined) return { ok: true, detail: 'configured' };
  const { relayFailedSince: since = '', relayFailure: code = '', relayHost: host = '' } = first;
  const what = code === 'EAUTH' ? 'has refused our credentials' : 'not reached';
  return { ok: true, failing: true, detail: `configured, but ${what} since ${since} (${host}): ${code}; mail waits` };
}

/** -Infinity for what is no time. */
function timeOf(value: unknown): number {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? -Infinity : time;
}
