import { fixedClock, Secret } from '#lib/core';
import type { ListReference, RuleSetContent } from '#lib/rules';
import { concat } from './byte-streams.js';
import { wholeRule } from './fakes/fake-line.js';
import { InMemoryDirectory } from './fakes/in-memory-directory.js';
import { InMemoryKeys } from './fakes/in-memory-keys.js';
import { InMemoryLists } from './fakes/in-memory-lists.js';
import { acceptedOf } from './fakes/samples.js';
import { judgeKnowing } from './judge-knowing.js';
import { judgeMessage } from './line.js';
import { lookUp } from './look-up.js';
import type { Judge, JudgeAnswer, JudgeRequest } from './ports.js';

const SUE = 'sue@example.com';
const ANN = 'ann@customer.example';
/** The directory has to say who the sender is. */
const RULE = wholeRule({
  conditions: { fact: 'sender.groups', operator: 'memberOf', value: 'pilots' },
  actions: [{ type: 'stop' }],
});

function world(more: Partial<RuleSetContent> = {}) {
  const directory = new InMemoryDirectory();
  const keys = new InMemoryKeys();
  const lists = new InMemoryLists();
  const requests: JudgeRequest[] = [];
  const judge: Judge = {
    judge: (request) => {
      requests.push(request);
      return judgeMessage(request, concat(request.raw ?? new Uint8Array()));
    },
  };
  const content: RuleSetContent = {
    rules: [RULE],
    settings: { acceptedDomains: ['example.com'], partnerDomains: [], timeZone: 'UTC' },
    ...more,
  };
  const ports = { directory, lists, keys, judge, clock: fixedClock('2026-11-24T12:00:00Z') };
  const ask = async (from: string, accepted = acceptedOf()) => {
    const raw = Buffer.from(`From: ${from}\r\nTo: ${ANN}\r\nSubject: x\r\n\r\nx\r\n`);
    const ruleSet = { hash: 'a-hash', content };
    const question = { accepted, dataKey: new Secret(new Uint8Array(32)), loopSecret: LOOP_SECRET, ruleSet, raw };
    return await judgeKnowing(ports, question, await lookUp(ports, accepted, content));
  };
  return { directory, lists, keys, requests, ports, content, ask };
}
const LOOP_SECRET = new Secret<Uint8Array>(new Uint8Array(32).fill(7));

describe('judgeKnowing', () => {
  it('asks the directory nothing where no rule does', async () => {
    const { ask, directory, requests } = world({ rules: [wholeRule({ actions: [{ type: 'stop' }] })] });
    expect((await ask('Other <other@example.com>')).judgement.kind).toBe('planned');
    expect([directory.asked, requests[0]?.directory]).toEqual([[], undefined]);
  });

  it('brings the packed lists that the rule set names, and goes on without those that are gone', async () => {
    const { ask, lists, requests, content } = world();
    expect((await ask('Sue <Sue@Example.com>')).request.lists).toBeUndefined();
    const references = [lists.add('one', 'words', ['x']), lists.add('other', 'words', ['y'])];
    Object.assign(content, { lists: references });
    expect([...((await ask(SUE)).request.lists?.keys() ?? [])]).toEqual(references.map(({ sha256 }) => sha256));
    lists.lose(references[0] as ListReference);
    expect([...((await ask(SUE)).request.lists?.keys() ?? [])]).toEqual([references[1]?.sha256]);
    expect(requests.length).toBe(3);
  });

  it('asks once about a sender who is the same in envelope and header', async () => {
    const { ask, directory, requests } = world();
    directory.addPerson(SUE);
    await ask('Sue <Sue@Example.com>');
    expect([directory.asked, requests.length]).toEqual([[[SUE]], 1]);
  });

  it('asks about other senders of the header when they are known, and judges with both', async () => {
    const { ask, directory } = world();
    directory.addPerson('boss@example.com');
    directory.addGroup('Pilots', ['boss@example.com']);
    const { request } = await ask('boss@example.com, x@other.example');
    expect(directory.asked).toEqual([[SUE], ['boss@example.com', 'x@other.example']]);
    expect(request.directory).toMatchObject({
      [SUE]: null,
      'boss@example.com': { groups: ['pilots'] },
      'x@other.example': null,
    });
  });

  it('guarantees that a header with hundreds of senders asks about a hundred, and the others are in error', async () => {
    const { ask, directory, requests } = world();
    const from = Array.from({ length: 500 }, (_, n) => `a${n}@example.com`).join(',\r\n ');
    const { request } = await ask(from);
    expect([directory.asked.map((one) => one.length), requests.length]).toEqual([[1, 100], 2]);
    expect(request.directory).toMatchObject({
      'a99@example.com': null,
      'a100@example.com': ERROR,
      'a499@example.com': ERROR,
    });
  });

  it('guarantees that a judge who is never content is not asked for ever', async () => {
    const { ask, ports } = world();
    let count = 0;
    const wants = (): Promise<JudgeAnswer> =>
      Promise.resolve({ kind: 'wants', addresses: [`a${(count += 1)}@example.com`] });
    ports.judge = { judge: wants };
    expect((await ask(SUE)).judgement).toEqual({ kind: 'unjudged', code: 'ERR_DIRECTORY_LIMIT' });
    expect(count).toBe(3);
  });

  it('asks nothing about notices of ours', async () => {
    const { ask, directory } = world();
    expect((await ask(SUE, acceptedOf({ kind: 'notice' }))).judgement.kind).toBe('planned');
    expect(directory.asked).toEqual([]);
  });

  it('knows the keys of a manager to whom mail may go, once it is known who that is', async () => {
    const action = { type: 'bcc', addresses: ['senderManager'] } as const;
    const { directory, keys, ports, content } = world({ rules: [wholeRule({ actions: [action] })] });
    directory.addPerson(SUE, { manager: 'boss@example.com' });
    keys.add('boss@example.com', new Uint8Array([1]));
    const { certificates } = await lookUp(ports, acceptedOf(), content);
    expect([...certificates.keys()]).toEqual(['boss@example.com']);
  });
});

const ERROR = { errorCode: 'ERR_DIRECTORY_LIMIT' };
