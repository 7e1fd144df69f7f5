import { readFileSync } from 'node:fs';
import { Gauge, Registry } from 'prom-client';
import { ApiServer } from '../support/api-server.js';
import { waitFor } from '../support/wait-for.js';

interface ReadinessView {
  readonly status: string;
  readonly checks: Readonly<Record<string, { readonly ok: boolean; readonly detail: string }>>;
}

describe('Pages that need no key', () => {
  let api: ApiServer;

  beforeAll(async () => {
    api = await ApiServer.start();
  }, 60_000);

  afterAll(async () => {
    await api.stop();
  });

  const get = async (path: string, headers: Record<string, string> = {}) =>
    await fetch(`${api.url}${path}`, { headers });
  const report = async (app: 'smtp' | 'worker', state: Record<string, string> = {}, metrics: unknown = []) =>
    await api.database.processes.report({ id: `a-${app}`, app, state, metrics });
  const readiness = async () => {
    const response = await get('/readyz');
    return { status: response.status, view: (await response.json()) as ReadinessView };
  };

  it('/healthz says that the process runs', async () => {
    const response = await get('/healthz');
    expect([response.status, await response.json()]).toEqual([200, { status: 'ok' }]);
  });

  it('/readyz names what is not ready, and is 200 only when nothing is', async () => {
    const first = await readiness();
    expect(first.status).toBe(503);
    expect(first.view.checks).toMatchObject({
      database: { ok: true },
      queue: { ok: true },
      smtp: { ok: false },
      worker: { ok: false },
      relay: { ok: false },
    });
    await report('smtp');
    await report('worker', { relay: 'missing' });
    const seen = await waitFor('the worker to be seen', async () => {
      const now = await readiness();
      return now.view.checks['worker']?.ok === true && now;
    });
    expect(seen.status).toBe(503);
    expect(seen.view.checks['relay']?.detail).toContain('SEALFLOW_RELAY_URL');
    await report('worker', { relay: 'configured' });
    const ready = await waitFor('all to be ready', async () => {
      const now = await readiness();
      return now.status === 200 && now;
    });
    expect(ready.view.status).toBe('ready');
  });

  it('guarantees that a relay that is away is told of, and does not make it unready', async () => {
    const failed = { relayFailedSince: '2026-11-24T10:00:00.000Z', relayFailedAt: '2026-11-24T10:30:00.000Z' };
    await report('smtp');
    await report('worker', {
      relay: 'configured',
      ...failed,
      relayFailure: 'ECONNREFUSED',
      relayHost: 'mail.clinic.example:25',
    });
    const told = await waitFor('the failure to be seen', async () => {
      const now = await readiness();
      return now.view.checks['relay']?.detail.includes('ECONNREFUSED') === true && now;
    });
    expect([told.status, told.view.status]).toEqual([200, 'ready']);
    const text = await (await get('/')).text();
    expect(text).toContain('not reached since 2026-11-24T10:00:00.000Z');
    expect(text).not.toContain('Everything works.');
    await report('worker', { relay: 'configured', relayReachedAt: '2026-11-24T10:31:00.000Z' });
    await waitFor('it to be well again', async () => (await (await get('/')).text()).includes('Everything works.'));
  });

  it('/ says what runs here and links to the rest', async () => {
    const response = await get('/');
    const text = await response.text();
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain('text/html');
    expect(text).toContain('<html lang="en">');
    expect(text.match(/<h1>/g)).toHaveLength(1);
    for (const path of ['/docs', '/openapi.json', '/queues', '/readyz', '/metrics'])
      expect(text).toContain(`href="${path}"`);
    expect(text).toContain('SMTP door');
    expect(text).not.toContain('<script');
    const style = await get('/sealflow.css');
    expect(style.headers.get('content-type')).toContain('text/css');
  });

  it('/problems has a page for every code that a problem can name', async () => {
    const problem = (await (await get('/v1/rules')).json()) as { type: string; code: string };
    const page = await get(problem.type);
    const text = await page.text();
    expect(page.status).toBe(200);
    expect(text).toContain(problem.code);
    expect(text).toContain('Authorization: Bearer');
    expect((await get('/problems')).status).toBe(200);
    expect((await get('/problems/ERR_NOTHING')).status).toBe(404);
    expect((await get('/problems/%3Cscript%3E')).status).toBe(404);
  });

  it('/openapi.json is the file of the repository', async () => {
    const served: unknown = await (await get('/openapi.json')).json();
    expect(served).toEqual(JSON.parse(readFileSync('openapi.json', 'utf8')));
  });

  it('/docs and its parts come from here alone', async () => {
    const page = await get('/docs');
    const text = await page.text();
    expect(page.status).toBe(200);
    expect(text).not.toMatch(/(?:src|href)="https?:/);
    const parts = [...text.matchAll(/(?:src|href)="\.?\/?([^"]+\.(?:js|css|png))"/g)].map(([, path]) => path ?? '');
    expect(parts.length).toBeGreaterThan(3);
    for (const part of parts) {
      const path = part.startsWith('docs/') ? `/${part}` : `/docs/${part}`;
      expect([path, (await get(path)).status]).toEqual([path, 200]);
    }
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
  });

  it('/metrics shows what all processes say', async () => {
    const registry = new Registry();
    new Gauge({ name: 'sealflow_test_things', help: 'x', registers: [registry] }).set(3);
    const metrics = await registry.getMetricsAsJSON();
    await report('worker', { relay: 'configured' }, metrics);
    await api.database.processes.report({ id: 'another', app: 'worker', state: {}, metrics });
    const response = await get('/metrics');
    const text = await response.text();
    expect(response.headers.get('content-type')).toContain('text/plain');
    expect([...text.matchAll(/^sealflow_test_things\{app="worker",process="[^"]+"\} 3$/gm)]).toHaveLength(2);
    expect(text).toMatch(/sealflow_http_requests_total\{[^}]*route="\/healthz"[^}]*\} \d+/);
    expect(text).toContain('sealflow_queue_jobs{queue="process",state="waiting"}');
    expect(text).toContain('sealflow_outbox_messages');
    const names = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name ?? '');
    expect(names.filter((name) => !name.startsWith('sealflow_'))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  });

  it('/metrics is for this machine only, whatever a stranger says of himself', async () => {
    expect((await get('/metrics', { 'x-forwarded-for': '203.0.113.7' })).status).toBe(403);
    expect((await get('/metrics', { 'x-forwarded-for': '127.0.0.1' })).status).toBe(403);
    expect((await get('/metrics', { forwarded: 'for=127.0.0.1' })).status).toBe(403);
  });

  it('are there for HEAD too, and for nothing else', async () => {
    expect((await fetch(`${api.url}/healthz`, { method: 'HEAD' })).status).toBe(200);
    expect((await fetch(`${api.url}/healthz`, { method: 'POST' })).status).toBe(404);
  });
});

describe('Behind a proxy, with a token for metrics', () => {
  let api: ApiServer;

  beforeAll(async () => {
    api = await ApiServer.start({
      environment: { SEALFLOW_TRUSTED_PROXIES: '127.0.0.0/8', SEALFLOW_METRICS_TOKEN: 'a-token-for-metrics' },
    });
  }, 60_000);

  afterAll(async () => {
    await api.stop();
  });

  it('/metrics wants the token', async () => {
    const get = async (authorization?: string) =>
      (await fetch(`${api.url}/metrics`, authorization === undefined ? {} : { headers: { authorization } })).status;
    expect(await get()).toBe(401);
    expect(await get('Bearer another')).toBe(401);
    expect(await get(`Bearer ${api.apiKey}`)).toBe(401);
    expect(await get('Bearer a-token-for-metrics')).toBe(200);
  });

  it('guarantees that the address is the one that the proxy names, and that https is known', async () => {
    const wrong = async (address: string) =>
      await fetch(`${api.url}/v1/rules`, {
        headers: { authorization: 'Bearer wrong', 'x-forwarded-for': address, 'x-forwarded-proto': 'https' },
      });
    for (let n = 0; n < 110; n += 1) await wrong('203.0.113.7');
    const told = await wrong('203.0.113.7');
    expect(told.status).toBe(429);
    expect((await wrong('203.0.113.8')).status).toBe(401);
    expect(told.headers.get('strict-transport-security')).toContain('max-age');
  });
});

describe('Before the database has been there', () => {
  let api: ApiServer;

  beforeAll(async () => {
    api = await ApiServer.start({ isClosed: true });
  }, 60_000);

  afterAll(async () => {
    await api.stop();
  });

  it('only what says how we are is answered; the rest is 503 with Retry-After', async () => {
    expect((await api.ask('GET', '/healthz')).status).toBe(200);
    expect((await api.ask('GET', '/')).status).toBe(200);
    expect((await api.ask('GET', '/openapi.json')).status).toBe(200);
    const ready = await api.ask<ReadinessView>('GET', '/readyz');
    expect([ready.status, ready.json.checks['database']?.ok]).toEqual([503, false]);
    for (const path of ['/v1/rules', '/v1/messages', '/queues', '/queues/login']) {
      const answer = await api.ask<{ code: string }>('GET', path);
      expect([path, answer.status, answer.json.code]).toEqual([path, 503, 'ERR_STARTING']);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    const ingest = await api.ask('POST', '/v1/ingest/generic/0199f3c2-7d1e-7a53-8a4e-5b0c8a1d2e3f');
    expect(ingest.status).toBe(503);
  });
});
