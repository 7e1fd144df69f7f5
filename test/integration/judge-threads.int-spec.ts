import { randomBytes } from 'node:crypto';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { SegmentBlobStore, ThreadJudge, type JudgeSubject, type ThreadJudgeOptions } from '#lib/adapters';
import { Secret, type AppError } from '#lib/core';
import { judgeMessage, type Accepted, type JudgeRequest, type JudgeAnswer } from '#lib/flow';
import { hashRuleSet, type Rule, type RuleSetContent } from '#lib/rules';
import { FROM_SOURCE } from '../support/from-source-flags.js';
import { inPieces } from '../support/streams.js';

const ANN = 'ann@customer.example';
const loopSecret = new Secret<Uint8Array>(Buffer.alloc(32, 7));
const RULE: Rule = {
  id: 'a-rule',
  version: 1,
  name: 'Figures leave sealed',
  description: '',
  enabled: true,
  mode: 'enforce',
  priority: 0,
  conditions: { all: [{ fact: 'subjectOrBody', operator: 'containsWords', value: ['figures'] }] },
  exceptions: null,
  actions: [{ type: 'encrypt', method: 'auto', template: 'encrypt-only', onMissingKey: 'hold', subject: 'keep' }],
  appliesTo: 'matchingRecipients',
  stopProcessing: false,
  onError: 'hold',
  activateAt: null,
  expireAt: null,
};

function contentOf(...rules: Partial<Rule>[]): RuleSetContent {
  return {
    rules: rules.map((rule, n) => ({ ...RULE, id: `rule-${n}`, priority: n, ...rule })),
    settings: { acceptedDomains: ['example.com'], partnerDomains: [], timeZone: 'UTC' },
  };
}

const CONTENT = contentOf({});
const SMALL = Buffer.from(`From: sue@example.com\r\nTo: ${ANN}\r\nSubject: The figures\r\n\r\nHere they are.\r\n`);
/** Takes a second or more to read, and no memory. */
const SLOW = Buffer.concat([
  Buffer.from('Subject: slow\r\nContent-Type: text/html\r\n\r\n'),
  Buffer.from('<a b=c>'.repeat(10_000_000)),
]);
/** Takes memory as well. */
const HARD = Buffer.concat([
  Buffer.from('Subject: hard\r\nContent-Type: text/html; charset=utf-8\r\n\r\n'),
  Buffer.from('<p>&auml; ä'.repeat(2_000_000)),
]);

function requestOf(raw: Uint8Array | undefined, more: Partial<JudgeRequest> = {}): JudgeRequest {
  const accepted: Accepted = {
    id: '00000000-0000-8000-8000-00000000000a',
    organizationId: '00000000-0000-8000-8000-000000000001',
    kind: 'mail',
    envelope: { mailFrom: 'sue@example.com', dsnReturn: null, envid: null },
    recipients: [
      {
        address: ANN,
        n: 0,
        notify: null,
        orcpt: null,
        origin: 'envelope',
        state: 'pending',
        resumeAfterRule: null,
        isUnprotected: false,
        deliveryId: null,
        attempts: 0,
        firstAttemptAt: null,
      },
    ],
    connection: {
      source: 'smtp',
      isAuthenticated: true,
      isTrustedNetwork: true,
      ip: '192.0.2.1',
      helo: null,
      isTls: false,
      apiKeyId: null,
      connectorId: null,
    },
    receivedAt: '2026-11-24T12:00:00.000Z',
    sizeBytes: raw?.length ?? 0,
    ruleSet: 'a-hash',
    blob: '',
    wrappedKey: Buffer.from('a wrapped key'),
    queue: 'process',
    claim: 'a claim',
    tries: 1,
    rejudgeWith: null,
  };
  return {
    accepted,
    dataKey: new Secret<Uint8Array>(new Uint8Array(32)),
    ruleSet: { hash: 'a-hash', content: CONTENT },
    smimeKeys: [ANN],
    loopSecret,
    ...(raw === undefined ? {} : { raw }),
    ...more,
  };
}

function groupsOf(answer: JudgeAnswer): unknown {
  if (answer.kind === 'wants') return answer.addresses;
  return answer.kind === 'planned' ? answer.plan.groups.map(({ protection }) => protection) : answer.code;
}

describe('ThreadJudge', () => {
  const judges: ThreadJudge[] = [];
  const troubles: { code: string; about: JudgeSubject | undefined }[] = [];
  const open = (options: ThreadJudgeOptions = {}): ThreadJudge => {
    const onTrouble = ({ code }: AppError, about: JudgeSubject | undefined) => troubles.push({ code, about });
    const judge = new ThreadJudge({ execArgv: FROM_SOURCE, threads: 1, onTrouble, ...options });
    judges.push(judge);
    return judge;
  };
  afterEach(async () => {
    await Promise.all(judges.splice(0).map((judge) => judge.close()));
    troubles.splice(0);
  });

  it('gives the answer that judging in this thread gives, with the message that was asked about', async () => {
    const request = requestOf(SMALL, { isExplained: true });
    const judgement = await open().judge(request);
    expect(judgement).toEqual(await judgeMessage(request, inPieces(SMALL)));
    expect(judgement.kind === 'planned' && judgement.plan.accepted).toBe(request.accepted);
    expect(groupsOf(judgement)).toEqual(['smime']);
    expect(request.raw).toEqual(SMALL);
  });

  it('brings only the rules that matched or failed, unless every one or a range is asked for', async () => {
    const content = contentOf({ name: 'yes' }, { enabled: false }, { name: 'no', conditions: { not: { all: [] } } });
    const request = requestOf(SMALL, { ruleSet: { hash: 'a-hash', content } });
    const judge = open();
    const namesOf = async (isExplained: JudgeRequest['isExplained'] & {}) => {
      const judgement = await judge.judge({ ...request, isExplained });
      return judgement.kind === 'planned' ? judgement.plan.verdict?.rules.map(({ name }) => name) : judgement;
    };
    expect(await namesOf(false)).toEqual(['yes']);
    expect(await namesOf(true)).toEqual(['yes', RULE.name, 'no']);
    expect(await namesOf({ first: 1, count: 1 })).toEqual([RULE.name]);
  });

  it('says with which code a message is held that cannot be judged', async () => {
    const raw = Buffer.from(`${'Received: x\r\n'.repeat(51)}\r\n`);
    expect(await open().judge(requestOf(raw))).toEqual({ kind: 'unjudged', code: 'ERR_LOOP_HOPS' });
  });

  it('reads a message that it is not given in the blob store, in the thread', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sealflow-judge-'));
    const store = await SegmentBlobStore.open(`file:${folder}`);
    try {
      const dataKey = new Secret<Uint8Array>(randomBytes(32));
      const { ref } = await store.write(dataKey, inPieces(Buffer.concat([SMALL, Buffer.alloc(600_000, 'x\r\n')])));
      const request = requestOf(undefined, { dataKey });
      const judge = open({ blobUrl: `file:${folder}` });
      const judgement = await judge.judge({ ...request, accepted: { ...request.accepted, blob: ref } });
      expect(judgement).toMatchObject({ plan: { mail: { sizeBytes: SMALL.length + 600_000 } } });
      const lost = {
        ...request.accepted,
        blob: ref.replace(/^[sf]-......../, (name) => `${name.slice(0, 2)}00000000`),
      };
      await expect(judge.judge({ ...request, accepted: lost })).resolves.toEqual({
        kind: 'unjudged',
        code: 'ERR_BLOB_MISSING',
      });
      await expect(
        judge.judge({ ...request, accepted: { ...lost, blob: ref }, dataKey: new Secret<Uint8Array>(randomBytes(32)) }),
      ).resolves.toEqual({
        kind: 'unjudged',
        code: 'ERR_BLOB_DAMAGED',
      });
    } finally {
      await store.close();
      rmSync(folder, { recursive: true });
    }
  });

  it('guarantees that rules are known by what they say, not by the name that comes with them', async () => {
    const judge = open();
    const named = (content: RuleSetContent) => requestOf(SMALL, { ruleSet: { hash: 'one-name', content } });
    expect(groupsOf(await judge.judge(named(contentOf())))).toEqual(['none']);
    expect(groupsOf(await judge.judge(named(CONTENT)))).toEqual(['smime']);
    expect(groupsOf(await judge.judge(named(contentOf({ enabled: false }))))).toEqual(['none']);
  });

  it('judges with more rule sets than a thread keeps', async () => {
    const judge = open();
    const contents = Array.from({ length: 40 }, (_, n) => contentOf({ name: `rule set ${n}` }));
    for (const round of [1, 2]) {
      const judgements = await Promise.all(
        contents.map((content) =>
          judge.judge(requestOf(SMALL, { ruleSet: { hash: hashRuleSet(content), content }, isExplained: true })),
        ),
      );
      const names = judgements.map((one) => (one.kind === 'planned' ? one.plan.verdict?.rules[0]?.name : round));
      expect(names).toEqual(contents.map((content) => content.rules[0]?.name));
    }
  });

  it('throws an error of ours as it was thrown in the thread, and names one of others without its words', async () => {
    const judge = open();
    await expect(judge.judge(requestOf(undefined))).rejects.toMatchObject({
      code: 'ERR_JUDGE_FAILED',
      kind: 'temporary',
      detail: { code: 'NO_BLOB_STORE' },
    });
    const sound = requestOf(SMALL);
    const broken = { ...sound, accepted: { ...sound.accepted, recipients: null as unknown as [] } };
    const error: unknown = await judge.judge(broken).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'ERR_JUDGE_FAILED', kind: 'temporary', detail: { code: 'TypeError' } });
    expect(groupsOf(await judge.judge(requestOf(SMALL)))).toEqual(['smime']);
  });

  it('refuses what is not plain data, and judges what was asked for beside it', async () => {
    const judge = open();
    const odd = requestOf(SMALL, { smimeKeys: [(() => 'x') as unknown as string] });
    const [refused, judged] = await Promise.allSettled([judge.judge(odd), judge.judge(requestOf(SMALL))]);
    expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'ERR_JUDGE_FAILED' } });
    expect(judged).toMatchObject({ status: 'fulfilled', value: { kind: 'planned' } });
  });

  it('guarantees that a message that takes too long is ended by force, and that others are judged all the same', async () => {
    const judge = open({ timeoutMs: 500 });
    expect(groupsOf(await judge.judge(requestOf(SMALL)))).toEqual(['smime']);
    const hard = judge.judge(requestOf(SLOW));
    const others = await Promise.all(Array.from({ length: 20 }, () => judge.judge(requestOf(SMALL))));
    expect(new Set(others.map((one) => String(groupsOf(one))))).toEqual(new Set(['smime']));
    expect(await hard).toEqual({ kind: 'unjudged', code: 'ERR_JUDGE_TIMEOUT' });
    expect(troubles).toEqual([
      {
        code: 'ERR_JUDGE_TIMEOUT',
        about: expect.objectContaining({ messageId: '00000000-0000-8000-8000-00000000000a' }),
      },
    ]);
  });

  it('guarantees that messages behind a hard one do not wait for it', async () => {
    const judge = open();
    expect(groupsOf(await judge.judge(requestOf(SMALL)))).toEqual(['smime']);
    const order: string[] = [];
    const hard = judge.judge(requestOf(SLOW)).then((one) => {
      order.push('hard');
      return one;
    });
    await turn();
    const others = Array.from({ length: 20 }, () => judge.judge(requestOf(SMALL)).then(() => order.push('other')));
    await Promise.all([hard, ...others]);
    expect(order).toEqual([...Array.from({ length: 20 }, () => 'other'), 'hard']);
  });

  it('guarantees that a message that takes too much memory ends two threads, is held, and harms no other', async () => {
    const judge = open({ memoryMbMax: 40, threads: 1 });
    expect(groupsOf(await judge.judge(requestOf(SMALL)))).toEqual(['smime']);
    const fat = judge.judge(requestOf(HARD));
    const others = await Promise.all(Array.from({ length: 20 }, () => judge.judge(requestOf(SMALL))));
    expect(new Set(others.map((one) => String(groupsOf(one))))).toEqual(new Set(['smime']));
    expect(await fat).toEqual({ kind: 'unjudged', code: 'ERR_JUDGE_CRASHED' });
    expect(troubles.map(({ code }) => code)).toEqual(['ERR_JUDGE_CRASHED', 'ERR_JUDGE_CRASHED']);
    expect(groupsOf(await judge.judge(requestOf(SMALL)))).toEqual(['smime']);
  });

  it('guarantees that of messages that took too much memory at most two are tried again at a time', async () => {
    const THREADS = 4;
    let starts = 0;
    let peak = 0;
    const again = (): number => {
      const deaths = troubles.length - new Set(troubles.map(({ about }) => about?.messageId)).size;
      return starts - THREADS - deaths;
    };
    const count = (): void => {
      starts += 1;
      peak = Math.max(peak, again());
    };
    subscribe('worker_threads', count);
    try {
      const judge = open({ memoryMbMax: 40, threads: THREADS });
      while (starts < THREADS) await Promise.all(Array.from({ length: 200 }, () => judge.judge(requestOf(SMALL))));
      const fat = Array.from({ length: THREADS }, (_, n) => {
        const request = requestOf(HARD);
        return judge.judge({ ...request, accepted: { ...request.accepted, id: `fat-${n}` } });
      });
      expect(new Set((await Promise.all(fat)).map(groupsOf))).toEqual(new Set(['ERR_JUDGE_CRASHED']));
      expect(troubles).toHaveLength(2 * THREADS);
      expect([starts, peak]).toEqual([2 * THREADS, 2]);
    } finally {
      unsubscribe('worker_threads', count);
    }
  });

  it('says that it is unavailable when no thread starts', async () => {
    const judge = open({ execArgv: ['--import', 'data:text/javascript,throw 1'] });
    await expect(judge.judge(requestOf(SMALL))).rejects.toMatchObject({
      code: 'ERR_JUDGE_UNAVAILABLE',
      kind: 'temporary',
    });
  });

  it('fails what it has in hand when it is closed', async () => {
    const judge = open();
    const waiting = judge.judge(requestOf(SMALL));
    await Promise.all([judge.close(), expect(waiting).rejects.toMatchObject({ code: 'ERR_JUDGE_UNAVAILABLE' })]);
    await expect(judge.judge(requestOf(SMALL))).rejects.toMatchObject({ code: 'ERR_JUDGE_UNAVAILABLE' });
  });
});
