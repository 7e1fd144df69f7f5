import { randomBytes } from 'node:crypto';
import { appRoutes } from '@bull-board/api/dist/routes.js';
import { fixedClock, newId } from '#lib/core';
import { ApiServer } from '../support/api-server.js';
import { RedisServer } from '../support/redis.js';
import { describeWith } from '../support/tools.js';
import { waitFor } from '../support/wait-for.js';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const ENVELOPE = '?mailFrom=ann@clinic.example&rcptTo=bob@customer.example';

describe('The queue dashboard', () => {
  let api: ApiServer;
  const clock = fixedClock(new Date());

  beforeAll(async () => {
    api = await ApiServer.start({ parts: { clock } });
  }, 60_000);

  afterAll(async () => {
    await api.stop();
  });

  const go = async (method: string, path: string, headers: Record<string, string> = {}, body?: string) =>
    await fetch(`${api.url}/queues${path}`, {
      method,
      redirect: 'manual',
      headers,
      ...(body === undefined ? {} : { body }),
    });
  const login = async (key: string, headers: Record<string, string> = {}) =>
    await go('POST', '/login', { ...FORM, ...headers }, new URLSearchParams({ key }).toString());
  const cookieOf = (response: Response): string => (response.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  const loggedIn = async (): Promise<{ cookie: string }> => ({ cookie: cookieOf(await login(api.apiKey)) });

  it('shows nobody anything but a login page', async () => {
    for (const path of ['', '/', '/queue/process', '/messages?job=x']) {
      const response = await go('GET', path);
      expect([path, response.status, response.headers.get('location')]).toEqual([path, 303, '/queues/login']);
    }
    for (const path of ['/api/queues', '/api/redis/stats']) expect((await go('GET', path)).status).toBe(401);
    expect((await go('PUT', '/api/queues/process/promote')).status).toBe(401);
    const page = await go('GET', '/login');
    const text = await page.text();
    expect(page.status).toBe(200);
    expect(text).toContain('<label for="key">');
    expect(text).not.toContain('<script');
    expect(page.headers.get('content-security-policy')).toContain("form-action 'self'");
  });

  it('lets in a key with the scope queues, by a strict cookie that ends', async () => {
    const response = await login(await api.keyWith('queues'));
    expect([response.status, response.headers.get('location')]).toEqual([303, '/queues/']);
    const cookie = response.headers.get('set-cookie') ?? '';
    for (const part of ['HttpOnly', 'SameSite=Strict', 'Path=/queues', 'Max-Age=28800']) expect(cookie).toContain(part);
    expect(cookie).not.toContain('Secure');
    const headers = { cookie: cookieOf(response) };
    const board = await go('GET', '/', headers);
    expect(board.status).toBe(200);
    expect(await board.text()).toContain('Sealflow queues');
    expect(board.headers.get('content-security-policy')).toContain("script-src 'self'");
    const queues = (await (
      await go('GET', '/api/queues?activeQueue=process&page=1&jobsPerPage=10', headers)
    ).json()) as {
      queues: { name: string }[];
    };
    expect(queues.queues.map(({ name }) => name)).toEqual(['process', 'emit', 'notify']);
    const before = clock.now();
    clock.set(new Date(before.getTime() + 8 * 60 * 60 * 1000 + 1));
    expect((await go('GET', '/', headers)).status).toBe(303);
    clock.set(before);
    const out = await go('GET', '/logout', headers);
    expect(out.headers.get('set-cookie')).toContain('Max-Age=0');
  });

  it('shows the workers that live, at each queue', async () => {
    const headers = await loggedIn();
    const look = async () =>
      (await (await go('GET', '/api/queues', headers)).json()) as { queues: { hasWorkers: boolean | null }[] };
    expect((await look()).queues.map(({ hasWorkers }) => hasWorkers)).toEqual([false, false, false]);
    const id = newId(clock.now().getTime() - 90_000, randomBytes);
    const { processes } = api.database;
    await processes.report({ id, app: 'worker', state: { relay: 'configured' }, metrics: [] });
    await processes.report({ id: 'a door', app: 'smtp', state: {}, metrics: [] });
    expect((await look()).queues.map(({ hasWorkers }) => hasWorkers)).toEqual([true, true, true]);
    const { workers } = (await (await go('GET', '/api/queues/process/workers', headers)).json()) as {
      workers: unknown[];
    };
    expect(workers).toEqual([{ id, name: `worker ${id.slice(-4)}`, addr: '', age: 90 }]);
    await processes.leave(id);
  });

  it('refuses keys that are wrong or lack the scope, all with the same words', async () => {
    const texts: string[] = [];
    for (const key of ['wrong', '', await api.keyWith('admin', 'messages:read')]) {
      const response = await login(key);
      expect([response.status, response.headers.get('set-cookie')]).toEqual([401, null]);
      texts.push(await response.text());
    }
    expect(new Set(texts).size).toBe(1);
    expect(texts[0]).toContain('role="alert"');
    const json = await go('POST', '/login', { 'content-type': 'application/json' }, '{}');
    expect(json.status).toBe(415);
  });

  it('guarantees that a cookie that was changed, or of a key that is gone, opens nothing', async () => {
    const made = await api.ask<{ id: string; key: string }>('POST', '/v1/api-keys', {
      json: { name: 'x', scopes: ['queues'] },
    });
    const cookie = cookieOf(await login(made.json.key));
    expect((await go('GET', '/', { cookie })).status).toBe(200);
    const [name = '', value = ''] = cookie.split('=');
    const [content = '', signature = ''] = value.split('.');
    const forged = Buffer.from(
      Buffer.from(content, 'base64url')
        .toString()
        .replace(/"untilMs":\d/, '"untilMs":9'),
    ).toString('base64url');
    for (const wrong of [
      `${name}=${forged}.${signature}`,
      `${name}=${content}.`,
      `${name}=.${signature}`,
      `${name}=`,
    ]) {
      expect((await go('GET', '/', { cookie: wrong })).status).toBe(303);
    }
    await api.ask('DELETE', `/v1/api-keys/${made.json.id}`);
    clock.set(new Date(clock.now().getTime() + 11_000));
    expect((await go('GET', '/', { cookie })).status).toBe(303);
  });

  it('refuses requests that another site makes', async () => {
    const headers = await loggedIn();
    const foreign = { ...headers, 'sec-fetch-site': 'cross-site' };
    expect((await go('PUT', '/api/queues/process/promote', foreign)).status).toBe(403);
    expect((await login(api.apiKey, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect(
      (await go('PUT', '/api/queues/process/promote', { ...headers, 'sec-fetch-site': 'same-origin' })).status,
    ).toBe(200);
  });

  it('guarantees that of all that the dashboard registers only looking, retry and promote can be reached', async () => {
    const headers = await loggedIn();
    const entry = appRoutes.entryPoint;
    const registered = [
      ...[entry.route].flat().map((route) => ['get', route] as const),
      ...appRoutes.api.flatMap(({ method, route }) =>
        [method].flat().flatMap((one) => [route].flat().map((path) => [one, path] as const)),
      ),
    ];
    expect(registered.length).toBeGreaterThan(30);
    const reached: string[] = [];
    for (const [method, route] of registered) {
      const path = route
        .replace(':queueName', 'process')
        .replace(/:\w+/g, (name) => (name === ':queueStatus' ? 'failed' : 'none'));
      const { status } = await go(method.toUpperCase(), path, headers);
      if (status !== 403) reached.push(`${method} ${route}`);
    }
    expect(reached.filter((one) => !one.startsWith('get '))).toEqual([
      'put /api/queues/:queueName/retry/:queueStatus',
      'put /api/queues/:queueName/promote',
      'put /api/queues/:queueName/:jobId/retry',
      'put /api/queues/:queueName/:jobId/promote',
    ]);
    for (const [method, path] of [
      ['DELETE', '/api/queues/process'],
      ['PUT', '/api/queues/process/retry/completed'],
      ['PUT', '/api/queues/process/retry/../empty'],
      ['PUT', '/api/queues/process/x%2f..%2fempty'],
      ['PUT', '/API/queues/process/EMPTY'],
      ['PUT', '//api/queues/process/empty'],
      ['PUT', '/api/queues/process/empty/'],
    ] as const) {
      expect([path, [403, 404].includes((await go(method, path, headers)).status)]).toEqual([path, true]);
    }
  });

  it('shows failed jobs, retries them, and links each to its messages', async () => {
    const sent = await api.submit(ENVELOPE, 'Subject: x\r\n\r\nx');
    await api.platform.enqueue.idle();
    const consumer = api.queue.consume('process', () => Promise.reject(new Error('a test')), { concurrency: 1 });
    const headers = await loggedIn();
    type Job = { id: string; failedReason?: string; externalUrl?: { href: string } };
    const failed = async () => {
      const response = await go('GET', '/api/queues?activeQueue=process&status=failed&page=1&jobsPerPage=10', headers);
      return (
        ((await response.json()) as { queues: { name: string; jobs: Job[] }[] }).queues.find(
          ({ name }) => name === 'process',
        )?.jobs ?? []
      );
    };
    const [job] = await waitFor(
      'the job to fail',
      async () => {
        const jobs = await failed();
        return jobs.length > 0 && jobs;
      },
      { timeoutMs: 60_000 },
    );
    await consumer.close();
    const href = job?.externalUrl?.href ?? '';
    const page = await (await fetch(`${api.url}${href}`, { headers })).text();
    expect(page).toContain(sent.json.id);
    expect(page).toContain('accepted');
    expect(page).not.toContain('customer.example');
    expect((await go('PUT', `/api/queues/process/${job?.id ?? ''}/retry`, headers)).status).toBe(204);
    await waitFor('the job to wait again', async () => (await failed()).length === 0);
    expect((await go('GET', '/messages?queue=process&job=nothing', headers)).status).toBe(404);
    expect((await go('GET', '/messages?queue=nothing&job=nothing', headers)).status).toBe(404);
  }, 90_000);
});

describeWith(['redis-server'], 'The queue dashboard over Redis', () => {
  let redis: RedisServer;
  let api: ApiServer;

  beforeAll(async () => {
    redis = await RedisServer.start();
    api = await ApiServer.start({ environment: { SEALFLOW_REDIS_URL: redis.url } });
  }, 60_000);

  afterAll(async () => {
    await api.stop();
    await redis.stop();
  });

  it('shows jobs, and the messages of each', async () => {
    const sent = await api.submit(ENVELOPE, 'Subject: x\r\n\r\nx');
    await api.platform.enqueue.idle();
    const login = await fetch(`${api.url}/queues/login`, {
      method: 'POST',
      redirect: 'manual',
      headers: FORM,
      body: new URLSearchParams({ key: api.apiKey }),
    });
    const headers = { cookie: (login.headers.get('set-cookie') ?? '').split(';')[0] ?? '' };
    const list = await fetch(`${api.url}/queues/api/queues?activeQueue=process&status=waiting&page=1&jobsPerPage=10`, {
      headers,
    });
    const { queues } = (await list.json()) as { queues: { jobs: { externalUrl?: { href: string } }[] }[] };
    const href = queues[0]?.jobs[0]?.externalUrl?.href ?? '';
    expect(await (await fetch(`${api.url}${href}`, { headers })).text()).toContain(sent.json.id);
    expect((await fetch(`${api.url}/queues/api/redis/stats`, { headers })).status).toBe(200);
  });
});

describe('The queue dashboard behind https', () => {
  let api: ApiServer;

  beforeAll(async () => {
    api = await ApiServer.start({ environment: { SEALFLOW_TRUSTED_PROXIES: '127.0.0.1' } });
  }, 60_000);

  afterAll(async () => {
    await api.stop();
  });

  it('guarantees that its cookie goes over https alone, and that wrong keys are slowed', async () => {
    const login = async (key: string) =>
      await fetch(`${api.url}/queues/login`, {
        method: 'POST',
        redirect: 'manual',
        headers: { ...FORM, 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.9' },
        body: new URLSearchParams({ key }),
      });
    expect((await login(api.apiKey)).headers.get('set-cookie')).toContain('; Secure');
    for (let n = 0; n < 100; n += 1) await login('wrong');
    const told = await login('wrong');
    expect(told.status).toBe(429);
    expect(Number(told.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});
