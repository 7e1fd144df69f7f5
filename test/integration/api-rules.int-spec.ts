import { ApiServer } from '../support/api-server.js';

interface RuleView {
  readonly id: string;
  readonly version: number;
  readonly name: string;
  readonly priority: number;
  readonly enabled: boolean;
}

interface ProblemView {
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly { readonly pointer: string; readonly code: string; readonly message: string }[];
}

const ACTIONS = [{ type: 'encrypt', method: 'auto' }];

describe('Rules over REST', () => {
  let api: ApiServer;

  beforeAll(async () => {
    api = await ApiServer.start();
  }, 60_000);

  afterAll(async () => {
    await api.stop();
  });

  const make = async (name: string, more: object = {}) =>
    (await api.ask<RuleView>('POST', '/v1/rules', { json: { name, actions: ACTIONS, ...more } })).json;
  const problems = async (method: string, path: string, json: unknown, headers = {}) => {
    const answer = await api.ask<ProblemView>(method, path, { json, headers });
    return { status: answer.status, code: answer.json.code, errors: answer.json.errors ?? [] };
  };

  it('are made with their defaults, a place, a version and an ETag', async () => {
    const answer = await api.ask<RuleView>('POST', '/v1/rules', { json: { name: 'First', actions: ACTIONS } });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('etag')).toBe('"1"');
    expect(answer.headers.get('location')).toBe(`/v1/rules/${answer.json.id}`);
    expect(answer.json).toMatchObject({
      name: 'First',
      version: 1,
      enabled: true,
      mode: 'enforce',
      conditions: { all: [] },
      exceptions: null,
      onError: 'hold',
      createdAt: expect.stringMatching(/Z$/),
      updatedAt: expect.stringMatching(/Z$/),
    });
    const read = await api.ask<RuleView>('GET', `/v1/rules/${answer.json.id}`);
    expect(read.json).toEqual(answer.json);
    expect(read.headers.get('etag')).toBe('"1"');
  });

  it('guarantees that every problem is named at once with its pointer, and nothing is stored', async () => {
    const before = (await api.ask<{ items: unknown[] }>('GET', '/v1/rules?limit=200')).json.items.length;
    const wrong = {
      name: '',
      colour: 'red',
      conditions: {
        all: [
          { fact: 'moonPhase', operator: 'equal', value: 'full' },
          { fact: 'subject', operator: 'matches', value: '(' },
          { fact: 'recipients.count', operator: 'containsText', value: 'x' },
        ],
      },
      actions: [{ type: 'explode' }],
    };
    const { status, code, errors } = await problems('POST', '/v1/rules', wrong);
    expect([status, code]).toEqual([422, 'ERR_REQUEST_INVALID']);
    const pointers = errors.map(({ pointer }) => pointer);
    expect(pointers).toEqual(expect.arrayContaining(['/name', '/colour', '/conditions/all/0/fact', '/actions/0/type']));
    expect(pointers.some((one) => one.startsWith('/conditions/all/1'))).toBe(true);
    expect(pointers.some((one) => one.startsWith('/conditions/all/2'))).toBe(true);
    const after = (await api.ask<{ items: unknown[] }>('GET', '/v1/rules?limit=200')).json.items.length;
    expect(after).toBe(before);
  });

  it.each([
    ['malformed JSON', '{ "name": ', 400, 'ERR_JSON_MALFORMED'],
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), 400, 'ERR_JSON_MALFORMED'],
    ['100,000 nested arrays', '['.repeat(100_000) + ']'.repeat(100_000), 400, 'ERR_JSON_TOO_DEEP'],
    ['a list', '[]', 422, 'ERR_REQUEST_INVALID'],
    ['null', 'null', 422, 'ERR_REQUEST_INVALID'],
    ['no actions', '{ "name": "x", "actions": [] }', 422, 'ERR_REQUEST_INVALID'],
  ])('refuse %s', async (_, body, status, code) => {
    const answer = await api.ask<ProblemView>('POST', '/v1/rules', {
      body: typeof body === 'string' ? body : new Uint8Array(body),
      headers: { 'content-type': 'application/json' },
    });
    expect([answer.status, answer.json.code]).toEqual([status, code]);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
  });

  it('refuse a body that is no JSON by its type, and one over the limit', async () => {
    const text = await api.ask<ProblemView>('POST', '/v1/rules', {
      body: '{}',
      headers: { 'content-type': 'text/plain' },
    });
    expect([text.status, text.json.code]).toEqual([415, 'ERR_MEDIA_TYPE_UNSUPPORTED']);
    const large = JSON.stringify({ name: 'x'.repeat(5_000_000) });
    const answer = await api.ask<ProblemView>('POST', '/v1/rules', {
      body: large,
      headers: { 'content-type': 'application/json' },
    });
    expect([answer.status, answer.json.code]).toEqual([413, 'ERR_BODY_TOO_LARGE']);
  });

  it('are changed only by who knows their version', async () => {
    const { id } = await make('Guarded');
    const path = `/v1/rules/${id}`;
    expect((await problems('PATCH', path, { enabled: false })).status).toBe(428);
    expect((await problems('PATCH', path, { enabled: false }, { 'if-match': '"7"' })).status).toBe(412);
    expect((await problems('PATCH', path, { enabled: false }, { 'if-match': '7' })).status).toBe(400);
    expect((await problems('PATCH', path, { enabled: false }, { 'if-match': 'W/"1"' })).status).toBe(412);
    const changed = await api.ask<RuleView>('PATCH', path, {
      json: { enabled: false },
      headers: { 'if-match': '"0", "1"' },
    });
    expect(changed.status).toBe(200);
    expect(changed.json).toMatchObject({ id, version: 2, enabled: false, name: 'Guarded' });
    expect(changed.headers.get('etag')).toBe('"2"');
    expect((await problems('PUT', path, { name: 'x', actions: ACTIONS }, { 'if-match': '"1"' })).status).toBe(412);
    expect((await api.ask('DELETE', path, { headers: { 'if-match': '"1"' } })).status).toBe(412);
    expect((await api.ask('DELETE', path)).status).toBe(428);
    expect((await api.ask('DELETE', path, { headers: { 'if-match': '"2"' } })).status).toBe(204);
    expect((await api.ask('GET', path)).status).toBe(404);
  });

  it('guarantees that of two who change the same version one is told so', async () => {
    const { id } = await make('Contested');
    const patches = Array.from({ length: 8 }, (_, n) =>
      api.ask('PATCH', `/v1/rules/${id}`, { json: { description: `${n}` }, headers: { 'if-match': '"1"' } }),
    );
    const statuses = (await Promise.all(patches)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 412)).toHaveLength(7);
  });

  it('take back what GET gave, with what only the server sets', async () => {
    const rule = await make('Round trip');
    const path = `/v1/rules/${rule.id}`;
    const put = await api.ask<RuleView>('PUT', path, {
      json: { ...rule, name: 'Renamed' },
      headers: { 'if-match': '"1"' },
    });
    expect(put.status).toBe(200);
    expect(put.json).toMatchObject({ id: rule.id, version: 2, name: 'Renamed', priority: rule.priority });
    const { status, errors } = await problems('PUT', path, { ...put.json, id: 'other' }, { 'if-match': '*' });
    expect(status).toBe(422);
    expect(errors).toEqual([{ pointer: '/id', code: 'ERR_PROPERTY_READ_ONLY', message: 'cannot be changed' }]);
  });

  it('merge a patch as RFC 7396 says, and check the result as a whole', async () => {
    const rule = await make('Patched', { exceptions: { any: [{ fact: 'subject', operator: 'exists' }] } });
    const path = `/v1/rules/${rule.id}`;
    const headers = { 'content-type': 'application/merge-patch+json', 'if-match': '*' };
    const patched = await api.ask('PATCH', path, { body: '{"exceptions":null,"description":"now"}', headers });
    expect(patched.json).toMatchObject({ exceptions: null, description: 'now', name: 'Patched' });
    const wrong = await problems('PATCH', path, { actions: [], __proto__: 1, mode: 'loud' }, { 'if-match': '*' });
    expect(wrong.status).toBe(422);
    expect(wrong.errors.map(({ pointer }) => pointer)).toEqual(expect.arrayContaining(['/actions', '/mode']));
  });

  it('have an order: a taken priority moves the others down, and reorder wants all of them', async () => {
    const list = async () => (await api.ask<{ items: RuleView[] }>('GET', '/v1/rules?limit=200')).json.items;
    const top = await make('Top', { priority: 0 });
    const [first, second] = await list();
    expect(first?.id).toBe(top.id);
    expect(second?.priority).toBe(1);
    const ids = (await list()).map(({ id }) => id).reverse();
    const reordered = await api.ask<{ items: RuleView[] }>('POST', '/v1/rules/reorder', { json: { ids } });
    expect(reordered.status).toBe(200);
    expect((await list()).map(({ id }) => id)).toEqual(ids);
    expect((await problems('POST', '/v1/rules/reorder', { ids: ids.slice(1) })).status).toBe(422);
    expect((await problems('POST', '/v1/rules/reorder', { ids: [...ids, ids[0]] })).status).toBe(422);
    expect((await problems('POST', '/v1/rules/reorder', { ids: 'all' })).errors[0]?.pointer).toBe('/ids');
  });

  it('keep their versions, and bring an older one back as the newest', async () => {
    const { id } = await make('One');
    await api.ask('PATCH', `/v1/rules/${id}`, { json: { name: 'Two' }, headers: { 'if-match': '"1"' } });
    const versions = await api.ask<{ items: RuleView[] }>('GET', `/v1/rules/${id}/versions`);
    expect(versions.json.items.map(({ name }) => name)).toEqual(['Two', 'One']);
    const back = await api.ask<RuleView>('POST', `/v1/rules/${id}/rollback`, { json: { version: 1 } });
    expect(back.status).toBe(200);
    expect(back.json).toMatchObject({ name: 'One', version: 3 });
    expect((await problems('POST', `/v1/rules/${id}/rollback`, { version: 9 })).status).toBe(422);
    expect((await problems('POST', `/v1/rules/${id}/rollback`, { version: 1 }, { 'if-match': '"1"' })).status).toBe(
      412,
    );
    await api.ask('DELETE', `/v1/rules/${id}`, { headers: { 'if-match': '*' } });
    expect((await api.ask('GET', `/v1/rules/${id}/versions`)).status).toBe(200);
  });

  it('come in pages', async () => {
    for (const n of [1, 2, 3]) await make(`Page ${n}`);
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const page: { items: RuleView[]; nextCursor: string | null } = (
        await api.ask<{ items: RuleView[]; nextCursor: string | null }>('GET', `/v1/rules?limit=2${query}`)
      ).json;
      expect(page.items.length).toBeLessThanOrEqual(2);
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    const all = (await api.ask<{ items: RuleView[] }>('GET', '/v1/rules?limit=200')).json.items.map(({ id }) => id);
    expect(seen).toEqual(all);
  });

  it.each(['limit=0', 'limit=201', 'limit=x', 'limit=1&limit=2', 'colour=red', 'cursor=nonsense'])(
    'refuse ?%s as a page',
    async (query) => {
      const answer = await api.ask<ProblemView>('GET', `/v1/rules?${query}`);
      expect(answer.status).toBe(422);
    },
  );

  it('are not found by what is no id', async () => {
    for (const id of ['x', '..', '%00', '00000000-0000-0000-0000-000000000000']) {
      expect((await api.ask('GET', `/v1/rules/${encodeURIComponent(id)}`)).status).toBe(404);
    }
    expect((await api.ask('GET', '/v1/rules/%ZZ')).status).toBe(400);
  });
});
