import { ApiServer } from '../support/api-server.js';

interface ProblemView {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly { readonly message: string }[];
}

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly 'x-scopes'?: string[] }>>>>;
}

const ID = '0199f3c2-7d1e-7a53-8a4e-5b0c8a1d2e3f';

describe('Access to the API', () => {
  let api: ApiServer;

  beforeAll(async () => {
    api = await ApiServer.start();
  }, 60_000);

  afterAll(async () => {
    await api.stop();
  });

  async function routes(): Promise<{ method: string; path: string; scopes: string[] }[]> {
    const { json } = await api.ask<OpenApi>('GET', '/openapi.json');
    return Object.entries(json.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        method: method.toUpperCase(),
        path: path.replace(/\{[^}]+\}/g, ID),
        scopes: operation['x-scopes'] ?? [],
      })),
    );
  }

  it.each([
    ['no Authorization', {}, 'ERR_API_KEY_MISSING'],
    ['another scheme', { authorization: 'Basic YTpi' }, 'ERR_API_KEY_MISSING'],
    ['an empty token', { authorization: 'Bearer ' }, 'ERR_API_KEY_MISSING'],
    ['two tokens', { authorization: 'Bearer a b' }, 'ERR_API_KEY_MISSING'],
    ['an unknown key', { authorization: `Bearer ${'x'.repeat(40)}` }, 'ERR_API_KEY_INVALID'],
    ['a key that is too long', { authorization: `Bearer ${'x'.repeat(5000)}` }, 'ERR_API_KEY_INVALID'],
  ])('is 401 with %s', async (_, headers, code) => {
    const response = await fetch(`${api.url}/v1/rules`, { headers });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toContain('Bearer');
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    const problem = (await response.json()) as ProblemView;
    expect(problem).toMatchObject({ status: 401, code, type: `/problems/${code}` });
    expect(problem.title).not.toBe('');
  });

  it('guarantees that every route of v1 but the webhooks wants a key, and its scope', async () => {
    const nothing = await api.keyWith('queues');
    const all = (await routes()).filter(({ path }) => path.startsWith('/v1/') && !path.startsWith('/v1/ingest/'));
    expect(all.length).toBeGreaterThan(25);
    for (const { method, path, scopes } of all) {
      expect(scopes).not.toHaveLength(0);
      expect([path, (await fetch(`${api.url}${path}`, { method })).status]).toEqual([path, 401]);
      const answer = await api.ask<ProblemView>(method, path, { headers: { authorization: `Bearer ${nothing}` } });
      expect([path, answer.status, answer.json.code]).toEqual([path, 403, 'ERR_SCOPE_MISSING']);
      expect(answer.json.errors?.map(({ message }) => message)).toEqual(
        scopes.map((scope) => `needs the scope ${scope}`),
      );
    }
  });

  it('has keys that are shown once, listed without themselves, and gone when they are removed', async () => {
    const made = await api.ask<{ id: string; key: string }>('POST', '/v1/api-keys', {
      json: { name: 'Reader', scopes: ['rules:read'], expiresAt: null },
    });
    expect(made.status).toBe(201);
    const headers = { authorization: `Bearer ${made.json.key}` };
    expect((await api.ask('GET', '/v1/rules', { headers })).status).toBe(200);
    expect((await api.ask('POST', '/v1/rules', { json: {}, headers })).status).toBe(403);
    const list = await api.ask<{ items: { id: string }[] }>('GET', '/v1/api-keys');
    expect(list.text).not.toContain(made.json.key);
    expect(list.json.items.map(({ id }) => id)).toContain(made.json.id);
    expect((await api.ask('DELETE', `/v1/api-keys/${made.json.id}`)).status).toBe(204);
    expect((await api.ask('GET', '/v1/rules', { headers })).status).toBe(401);
    expect((await api.ask('DELETE', `/v1/api-keys/${made.json.id}`)).status).toBe(404);
  });

  it('refuses keys without a name, of unknown scopes, or that ended before they began', async () => {
    const answer = await api.ask<{ errors: { pointer: string }[] }>('POST', '/v1/api-keys', {
      json: { scopes: ['rules:eat'], expiresAt: 'tomorrow', colour: 'red' },
    });
    expect(answer.status).toBe(422);
    expect(answer.json.errors.map(({ pointer }) => pointer).toSorted()).toEqual([
      '/colour',
      '/expiresAt',
      '/name',
      '/scopes',
    ]);
    const past = { name: 'x', scopes: ['admin'], expiresAt: '2020-01-01T00:00:00Z' };
    expect((await api.ask('POST', '/v1/api-keys', { json: past })).status).toBe(422);
  });

  it('keeps the last administrator', async () => {
    const { json } = await api.ask<{ items: { id: string; scopes: string[] }[] }>('GET', '/v1/api-keys');
    const admins = json.items.filter(({ scopes }) => scopes.includes('admin'));
    expect(admins).toHaveLength(1);
    const answer = await api.ask<ProblemView>('DELETE', `/v1/api-keys/${admins[0]?.id ?? ''}`);
    expect([answer.status, answer.json.code]).toEqual([409, 'ERR_API_KEY_LAST']);
  });

  it('tells an address to wait after many wrong keys, and lets right ones through all the same', async () => {
    const wrong = async () => await fetch(`${api.url}/v1/rules`, { headers: { authorization: 'Bearer wrong' } });
    const statuses: number[] = [];
    for (let n = 0; n < 130; n += 1) statuses.push((await wrong()).status);
    expect(statuses[0]).toBe(401);
    expect(statuses.at(-1)).toBe(429);
    const told = await wrong();
    expect(Number(told.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await api.ask('GET', '/v1/rules')).status).toBe(200);
  });

  it('guarantees 200 requests a second to a key', async () => {
    const answers = await Promise.all(
      Array.from({ length: 400 }, () =>
        fetch(`${api.url}/v1/rules`, { headers: { authorization: `Bearer ${api.apiKey}` } }),
      ),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(400);
  });

  it('answers what is not there with a problem, whatever the method', async () => {
    for (const [method, path] of [
      ['GET', '/v1/nothing'],
      ['DELETE', '/v1/rules'],
      ['POST', '/nothing'],
      ['GET', '/v2/rules'],
    ] as const) {
      const answer = await api.ask<ProblemView>(method, path);
      expect([answer.status, answer.json.code]).toEqual([404, 'ERR_ROUTE_UNKNOWN']);
    }
  });

  it('sends headers that browsers go by, and none that tells what it runs on', async () => {
    for (const path of ['/', '/healthz', '/v1/rules', '/docs', '/nothing']) {
      const { headers } = await api.ask('GET', path);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('x-powered-by')).toBeNull();
    }
  });
});
