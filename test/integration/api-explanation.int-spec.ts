import { testKey } from '../support/smime-keys.js';
import { readFileSync } from 'node:fs';
import { ApiLine } from '../support/api-line.js';
import { ApiServer } from '../support/api-server.js';

const BOB = 'bob@customer.example';
const DORA = 'dora@customer.example';
const MESSAGE = `From: ann@clinic.example\r\nTo: ${BOB}, ${DORA}\r\nSubject: Q3\r\n\r\nfinancial records\r\n`;
const QUERY = `?mailFrom=ann@clinic.example&rcptTo=${BOB}&rcptTo=${DORA}`;

interface RuleView {
  readonly id: string;
  readonly name: string;
  readonly index: number;
  readonly outcome: string;
  readonly recipients: readonly { readonly address: string; readonly outcome: string; readonly difference?: unknown }[];
  readonly why: readonly { readonly path: string; readonly matched: boolean; readonly evidence: readonly string[] }[];
}

interface ExplanationView {
  readonly state: string;
  readonly reason: string | null;
  readonly ruleSet: string | null;
  readonly unexplained: string | null;
  readonly isDifferent: boolean;
  readonly recipients: readonly string[];
  readonly earlier: readonly { readonly recipients: readonly string[]; readonly ruleSet: string }[];
  readonly rules: readonly RuleView[];
  readonly nextCursor: string | null;
}

const says = (words: string) => ({ fact: 'body', operator: 'containsWords', value: words });

describe('The explanation of a message over REST', () => {
  let api: ApiServer;
  let line: ApiLine;
  const ids: string[] = [];

  beforeAll(async () => {
    api = await ApiServer.start();
    line = new ApiLine(api);
    await api.ask('POST', '/v1/certificates', {
      json: { pem: readFileSync(testKey('bob').certificatePath, 'utf8') },
    });
    for (const rule of [
      { name: 'Never', conditions: says('nobody writes this'), actions: [{ type: 'quarantine' }] },
      {
        name: 'For Dora',
        conditions: { fact: 'recipient.address', operator: 'equal', value: DORA },
        actions: [{ type: 'prependSubject', text: '[x] ' }],
      },
      { name: 'Sealed', conditions: says('financial records'), actions: [{ type: 'encrypt' }] },
    ]) {
      ids.push((await api.ask<{ id: string }>('POST', '/v1/rules', { json: rule })).json.id);
    }
  }, 60_000);

  afterAll(async () => {
    await api.stop();
  });

  const explain = (id: string, query = '', headers: Record<string, string> = {}) =>
    api.ask<ExplanationView>('GET', `/v1/messages/${id}/explanation${query}`, { headers });

  async function sent(body = MESSAGE, query = QUERY): Promise<string> {
    const { id } = (await api.submit(query, body)).json;
    await line.work(id);
    return id;
  }

  it('guarantees what evaluate says, whole and in pages, of the message that was processed', async () => {
    const id = await sent();
    const headers = { 'content-type': 'message/rfc822' };
    const said = await api.ask<{ rules: RuleView[] }>('POST', `/v1/rules/evaluate${QUERY}`, { body: MESSAGE, headers });
    const { status, json } = await explain(id);
    expect(status).toBe(200);
    expect(json).toMatchObject({ id, state: 'judged', unexplained: null, isDifferent: false, earlier: [] });
    expect(json).toMatchObject({ recipients: [BOB, DORA], nextCursor: null });
    expect(json.rules).toEqual(said.json.rules);
    const paged: RuleView[] = [];
    let cursor: string | null = null;
    do {
      const page: ExplanationView = (await explain(id, `?limit=1${cursor === null ? '' : `&cursor=${cursor}`}`)).json;
      expect(page.rules).toHaveLength(1);
      paged.push(...page.rules);
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(paged).toEqual(said.json.rules);
    const dora = (await explain(id, `?recipient=${DORA.toUpperCase()}`)).json;
    expect(dora.rules.map(({ recipients }) => recipients.map(({ outcome }) => outcome))).toEqual([
      ['notMatched'],
      ['matched'],
      ['matched'],
    ]);
  });

  it('guarantees that why a rule did not match stays true after it was edited and deleted', async () => {
    const id = await sent();
    const before = (await explain(id)).json;
    expect(before.rules[0]).toMatchObject({ id: ids[0], name: 'Never', outcome: 'notMatched' });
    const [first = ''] = ids;
    await api.ask('PATCH', `/v1/rules/${first}`, {
      json: { name: 'Now it does', conditions: says('financial') },
      headers: { 'if-match': '*', 'content-type': 'application/merge-patch+json' },
    });
    expect((await explain(id)).json).toEqual(before);
    const other = await sent();
    expect((await explain(other)).json.rules[0]).toMatchObject({ name: 'Now it does', outcome: 'matched' });
    await api.ask('DELETE', `/v1/rules/${first}`, { headers: { 'if-match': '*' } });
    expect((await explain(id)).json).toEqual(before);
  });

  it('quotes the message to those alone who may read it', async () => {
    const id = await sent();
    const reader = { authorization: `Bearer ${await api.keyWith('messages:read')}` };
    const evidenceOf = ({ rules }: ExplanationView) =>
      rules.flatMap(({ why }) => why.flatMap(({ evidence }) => evidence));
    expect(evidenceOf((await explain(id)).json)).toContain('financial records');
    const told = (await explain(id, '', reader)).json;
    expect(evidenceOf(told)).toEqual([]);
    expect(told.rules.at(-1)).toMatchObject({ outcome: 'matched', why: [{ matched: true }] });
    const nobody = { authorization: `Bearer ${await api.keyWith('rules:read')}` };
    expect((await explain(id, '', nobody)).status).toBe(403);
  });

  it('is of the run that judged a recipient last, and says for whom an earlier one counts', async () => {
    const id = await sent();
    const pinned = (await explain(id)).json.ruleSet;
    await api.ask('POST', '/v1/rules', { json: { name: 'Newest', actions: [{ type: 'audit', severity: 'low' }] } });
    await api.ask('POST', `/v1/messages/${id}/rejudge`, { json: { recipients: [DORA] } });
    await line.work(id);
    const last = (await explain(id)).json;
    expect(last).toMatchObject({ recipients: [DORA], earlier: [{ recipients: [BOB], ruleSet: pinned }] });
    expect(last.ruleSet).not.toBe(pinned);
    expect(last.rules.at(-1)?.name).toBe('Newest');
    const bob = (await explain(id, `?recipient=${BOB}`)).json;
    expect(bob).toMatchObject({ ruleSet: pinned, recipients: [BOB], isDifferent: false, earlier: [] });
  });

  it('has the outcomes when the content is destroyed, and so has the message', async () => {
    const id = await sent(MESSAGE, `?mailFrom=ann@clinic.example&rcptTo=${BOB}`);
    const before = (await explain(id)).json;
    expect(await api.database.housekeeping.destroyContent(new Date(Date.now() + 60_000), 1_000)).toBeGreaterThan(0);
    const after = (await explain(id)).json;
    expect(after).toMatchObject({ state: 'judged', isContentKept: false, unexplained: 'contentDestroyed' });
    expect(after.rules.map(({ id: rule, outcome, recipients, why }) => [rule, outcome, recipients, why])).toEqual(
      before.rules.map(({ id: rule, outcome, recipients }) => [rule, outcome, recipients, []]),
    );
    const { rules } = (await api.ask<{ rules: RuleView[] }>('GET', `/v1/messages/${id}`)).json;
    expect(rules.map(({ name, outcome }) => [name, outcome])).toEqual([
      ['Sealed', 'matched'],
      ['Newest', 'matched'],
    ]);
  });

  it('says what no rule has judged, and refuses what it does not know', async () => {
    const { id } = (await api.submit(QUERY, MESSAGE)).json;
    expect((await explain(id)).json).toMatchObject({ state: 'notJudged', rules: [], nextCursor: null });
    const held = await sent(`${'Received: x\r\n'.repeat(60)}${MESSAGE}`);
    expect((await explain(held)).json).toMatchObject({ state: 'unjudged', reason: 'ERR_LOOP_HOPS', rules: [] });
    expect((await explain(id, '?recipient=nobody@x.example')).status).toBe(422);
    expect((await explain(id, '?limit=201')).status).toBe(422);
    const cursorOf = (...parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString('base64url');
    for (const cursor of ['x', cursorOf(1), cursorOf('0', -1), cursorOf('a', 1), cursorOf('7', 1)]) {
      const { status, json } = await explain(held, `?cursor=${cursor}`);
      expect([cursor, status, json]).toMatchObject([cursor, 422, { code: 'ERR_CURSOR_INVALID' }]);
    }
    expect((await explain('0199f3c4-1b22-7f0e-9a6b-3c5d7e9f1a2b')).status).toBe(404);
    expect((await explain('nothing')).status).toBe(404);
  });
});
