import { readFileSync } from 'node:fs';
import { ApiServer } from '../support/api-server.js';
import { issueMailCertificate } from '../support/issue-mail-certificate.js';
import { testKey } from '../support/smime-keys.js';

interface DryRunView {
  readonly ruleSet: string;
  readonly recipients: readonly {
    readonly address: string;
    readonly rules: readonly string[];
    readonly protection: string;
    readonly wouldHold: string | null;
  }[];
  readonly rules: readonly {
    readonly id: string;
    readonly name: string;
    readonly outcome: string;
    readonly recipients: readonly { readonly address: string; readonly outcome: string }[];
    readonly why: readonly { readonly path: string; readonly matched: boolean; readonly evidence: readonly string[] }[];
  }[];
  readonly groups: readonly {
    readonly recipients: readonly string[];
    readonly protection: string;
    readonly subject: string;
  }[];
}

interface ProblemView {
  readonly code: string;
  readonly errors?: readonly { readonly pointer: string }[];
}

const MESSAGE =
  'From: dr.ames@clinic.example\nTo: bob@customer.example, dora@customer.example\nSubject: Q3\n\nThe financial records.\n';
const CONDITIONS = {
  all: [
    { fact: 'subjectOrBody', operator: 'containsWords', value: ['financial records'] },
    { fact: 'recipient.scope', operator: 'equal', value: 'external' },
  ],
};

describe('POST /v1/rules/evaluate', () => {
  let api: ApiServer;
  let ruleId: string;

  beforeAll(async () => {
    api = await ApiServer.start({ environment: { SEALFLOW_MESSAGE_SIZE_MAX: '2000000' } });
    const rule = { name: 'Financial records', conditions: CONDITIONS, actions: [{ type: 'encrypt', method: 'auto' }] };
    ruleId = (await api.ask<{ id: string }>('POST', '/v1/rules', { json: rule })).json.id;
    await api.ask('POST', '/v1/certificates', { json: { pem: readFileSync(testKey('bob').certificatePath, 'utf8') } });
  }, 60_000);

  afterAll(async () => {
    await api.stop();
  });

  const byMessage = async <T = DryRunView>(query: string, body: string = MESSAGE) =>
    await api.ask<T>('POST', `/v1/rules/evaluate${query}`, { body, headers: { 'content-type': 'message/rfc822' } });
  const byJson = async <T = DryRunView>(more: object) =>
    await api.ask<T>('POST', '/v1/rules/evaluate', { json: { raw: Buffer.from(MESSAGE).toString('base64'), ...more } });

  it('tells of rules in pages where that is asked for, of one rule set alone', async () => {
    interface Page extends DryRunView {
      readonly nextCursor?: string | null;
    }
    const rules = ['one', 'two', 'three'].map((name) => ({
      name,
      conditions: CONDITIONS,
      actions: [{ type: 'stop' }],
    }));
    const whole = (await byJson<Page>({ rules })).json;
    expect(whole).not.toHaveProperty('nextCursor');
    const first = (await byJson<Page>({ rules, limit: 2 })).json;
    expect(first).toEqual({ ...whole, rules: whole.rules.slice(0, 2), nextCursor: expect.any(String) });
    const second = (await byJson<Page>({ rules, limit: 2, cursor: first.nextCursor })).json;
    expect(second).toEqual({ ...whole, rules: whole.rules.slice(2), nextCursor: null });
    expect((await byMessage<Page>('?limit=1')).json).toMatchObject({ rules: [{ id: ruleId }], nextCursor: null });
    const wrong = { status: 422, json: { code: 'ERR_CURSOR_INVALID' } };
    expect(await byMessage(`?cursor=${first.nextCursor}`)).toMatchObject(wrong);
    expect(await byJson({ rules: rules.slice(1), cursor: first.nextCursor })).toMatchObject(wrong);
    expect(await byJson({ limit: 0 })).toMatchObject({ status: 422, json: { errors: [{ pointer: '/limit' }] } });
  });

  it('explains for every rule and recipient, and keeps nothing', async () => {
    const { status, json } = await byMessage('');
    expect(status).toBe(200);
    expect(json).toMatchObject({
      ruleSet: expect.stringMatching(/^[0-9a-f]{64}$/),
      recipients: [
        { address: 'bob@customer.example', rules: [ruleId], protection: 'smime', wouldHold: null },
        { address: 'dora@customer.example', rules: [ruleId], wouldHold: 'ERR_KEY_MISSING' },
      ],
      rules: [
        {
          id: ruleId,
          outcome: 'matched',
          recipients: [
            { address: 'bob@customer.example', outcome: 'matched' },
            { address: 'dora@customer.example', outcome: 'matched' },
          ],
          why: expect.arrayContaining([
            expect.objectContaining({ path: '/conditions/all/0', matched: true, evidence: ['financial records'] }),
          ]),
        },
      ],
      groups: [{ recipients: ['bob@customer.example'], protection: 'smime', subject: 'Q3' }],
    });
    expect((await api.ask<{ items: unknown[] }>('GET', '/v1/messages')).json.items).toEqual([]);
  });

  it('takes the envelope of the query, whatever the header says', async () => {
    const { json } = await byMessage('?mailFrom=dr.ames@clinic.example&rcptTo=Nurse@clinic.example');
    expect(json.recipients).toEqual([
      { address: 'nurse@clinic.example', rules: [], protection: 'none', wouldHold: null },
    ]);
    expect(json.rules[0]?.outcome).toBe('notMatched');
  });

  it('asks other rules instead of the stored ones', async () => {
    const rules = [
      { name: 'Second', actions: [{ type: 'stop' }] },
      { name: 'First', priority: 0, conditions: CONDITIONS, actions: [{ type: 'prependSubject', text: '[x] ' }] },
    ];
    const { json } = await byJson({ rules, rcptTo: ['bob@customer.example'] });
    expect(json.rules.map(({ id, name, outcome }) => `${id} ${name} ${outcome}`)).toEqual([
      '/rules/1 First matched',
      '/rules/0 Second matched',
    ]);
    expect(json.groups).toMatchObject([{ protection: 'none', subject: '[x] Q3' }]);
    expect((await byJson({ rules: [] })).json.rules).toEqual([]);
  });

  it('is asked as a stranger, as ours, or as from a trusted network', async () => {
    const rules = [
      {
        name: 'Inside',
        conditions: { all: [{ fact: 'sender.scope', operator: 'equal', value: 'internal' }] },
        actions: [{ type: 'stop' }],
      },
    ];
    const outcome = async (more: object) => (await byJson({ rules, ...more })).json.rules[0]?.outcome;
    expect(await outcome({})).toBe('matched');
    expect(await outcome({ mailFrom: 'x@elsewhere.example' })).toBe('notMatched');
    const foreign = Buffer.from('From: x@elsewhere.example\nTo: b@x.example\n\nx').toString('base64');
    expect(await outcome({ raw: foreign, connection: { trusted: true } })).toBe('notMatched');
    expect(await outcome({ connection: { trusted: true } })).toBe('matched');
    expect(await outcome({ connection: {} })).toBe('matched');
    expect(await outcome({ connection: { trusted: false } })).toBe('notMatched');
    expect(await outcome({ mailFrom: '', connection: { trusted: true } })).toBe('notMatched');
  });

  it('names every problem of the question and of its rules in one list', async () => {
    const wrong = {
      raw: '%',
      mailFrom: 'x',
      rcptTo: 'bob',
      connection: { trusted: 'yes', more: 1 },
      colour: 'red',
      rules: [
        { name: 'ok', actions: [{ type: 'stop' }] },
        { name: '', actions: [{ type: 'explode' }] },
      ],
    };
    const { status, json } = await byJson<ProblemView>(wrong);
    expect(status).toBe(422);
    expect(json.errors?.map(({ pointer }) => pointer)).toEqual(
      expect.arrayContaining([
        '/raw',
        '/mailFrom',
        '/rcptTo',
        '/connection/trusted',
        '/connection/more',
        '/colour',
        '/rules/1/name',
        '/rules/1/actions/0/type',
      ]),
    );
    expect((await byJson<ProblemView>({ rules: 'all' })).json.errors?.map(({ pointer }) => pointer)).toEqual([
      '/rules',
    ]);
    const both = await api.ask<ProblemView>('POST', '/v1/rules/evaluate?mailFrom=a@x.example', { json: { raw: '' } });
    expect(both.json.errors?.map(({ pointer }) => pointer)).toEqual(['/mailFrom']);
  });

  it('answers what cannot be judged with the code of the hold', async () => {
    const nested = `From: a@clinic.example\nTo: b@x.example\n${'Content-Type: message/rfc822\n\n'.repeat(5000)}\nx`;
    const { status, json } = await byMessage('', nested);
    expect(status).toBe(200);
    expect(json.recipients).toMatchObject([{ wouldHold: 'ERR_MAIL_TOO_DEEP' }]);
  });

  it('refuses what is too large, as a message and in JSON, and what is neither', async () => {
    expect((await byMessage('', 'x'.repeat(2_000_001))).status).toBe(413);
    const raw = Buffer.alloc(2_000_001, 'x').toString('base64');
    expect((await byJson<ProblemView>({ raw })).json.errors?.[0]?.pointer).toBe('/raw');
    expect((await byJson({ raw: 'A'.repeat(8_000_000) })).status).toBe(413);
    const text = await api.ask('POST', '/v1/rules/evaluate', { body: 'x', headers: { 'content-type': 'text/plain' } });
    expect(text.status).toBe(415);
  });

  it('sees a certificate as soon as it is there', async () => {
    const ask = async () => (await byMessage('?rcptTo=new@customer.example')).json.recipients[0]?.wouldHold;
    expect(await ask()).toBe('ERR_KEY_MISSING');
    const { pem } = await issueMailCertificate({ address: 'new@customer.example' });
    await api.ask('POST', '/v1/certificates', { json: { pem } });
    expect(await ask()).toBeNull();
  });
});
