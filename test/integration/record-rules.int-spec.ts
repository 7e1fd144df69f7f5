import { randomBytes } from 'node:crypto';
import type { Database } from '#lib/adapters';
import { newId } from '#lib/core';
import { hashRuleSet, type Rule } from '#lib/rules';
import { PostgresServer } from '../support/postgres.js';
import {
  acceptInputOf,
  allPages,
  claimOne,
  openRecordDatabase,
  ruleInputOf,
  type RecordDatabase,
} from '../support/record-ground.js';

const PAGE = { limit: 50, cursor: null };

describe('stored rules', () => {
  let ground: RecordDatabase;
  let database: Database;
  let organizationId: string;

  beforeEach(async () => {
    ground = await openRecordDatabase(await PostgresServer.shared());
    ({ database, organizationId } = ground);
  });
  afterEach(() => ground.close());

  const names = async () =>
    (await allPages((page) => database.rules.list(organizationId, page))).map(
      ({ name, priority }) => `${priority} ${name}`,
    );
  const create = (name: string, priority?: number) =>
    database.rules.create(organizationId, ruleInputOf({ name, ...(priority === undefined ? {} : { priority }) }));

  it('go last, or where they are told to, and the others move down', async () => {
    await create('a');
    await create('b');
    await create('first', 0);
    await create('tenth', 10);
    await create('between', 1);
    await create('last');
    expect(await names()).toEqual(['0 first', '1 between', '2 a', '3 b', '10 tenth', '11 last']);
  });

  it('keep their version when others move them, and their place when they are written without one', async () => {
    const [a, b] = [await create('a'), await create('b')];
    await create('first', 0);
    expect(await database.rules.find(organizationId, a.id)).toEqual({ ...a, priority: 1 });
    const written = await database.rules.replace(organizationId, b.id, 1, ruleInputOf({ name: 'b2' }));
    expect(written).toMatchObject({ kind: 'written', rule: { id: b.id, version: 2, priority: 2, name: 'b2' } });
    await database.rules.replace(organizationId, b.id, null, ruleInputOf({ name: 'b3', priority: 0 }));
    expect(await names()).toEqual(['0 b3', '1 first', '2 a']);
  });

  it('guarantees that a stale write changes nothing', async () => {
    const rule = await create('a');
    await database.rules.replace(organizationId, rule.id, 1, ruleInputOf({ name: 'b' }));
    const { hash } = await database.rules.current(organizationId);
    expect(await database.rules.replace(organizationId, rule.id, 1, ruleInputOf({ name: 'c' }))).toEqual({
      kind: 'stale',
    });
    expect(await database.rules.remove(organizationId, rule.id, 1)).toEqual({ kind: 'stale' });
    expect(await database.rules.rollback(organizationId, rule.id, 1, 1)).toEqual({ kind: 'stale' });
    expect(await database.rules.replace(organizationId, newId(0, randomBytes), 1, ruleInputOf())).toEqual({
      kind: 'missing',
    });
    expect(await database.rules.find(organizationId, 'no id')).toBeUndefined();
    expect((await database.rules.current(organizationId)).hash).toBe(hash);
  });

  it('guarantees that of writers that come together none is lost', async () => {
    const rule = await create('a');
    const others = [database, ground.open(), ground.open()];
    const outcomes = await Promise.all(
      others.map((one, n) => one.rules.replace(organizationId, rule.id, 1, ruleInputOf({ name: `by ${n}` }))),
    );
    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['stale', 'stale', 'written']);
    await Promise.all(
      others.flatMap((one) =>
        [0, 0, 0].map((priority, n) => one.rules.create(organizationId, ruleInputOf({ name: `new ${n}`, priority }))),
      ),
    );
    const { content } = await database.rules.current(organizationId);
    expect(content.rules.map(({ priority }) => priority)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('keep all their versions, also when they are gone, and take an older one back', async () => {
    const rule = await create('one');
    for (const name of ['two', 'three'])
      await database.rules.replace(organizationId, rule.id, null, ruleInputOf({ name }));
    const back = await database.rules.rollback(organizationId, rule.id, 3, 1);
    expect(back).toMatchObject({ kind: 'written', rule: { version: 4, name: 'one', createdAt: rule.createdAt } });
    for (const unknown of [9, 4, 0, -1, 2 ** 40]) {
      expect(await database.rules.rollback(organizationId, rule.id, null, unknown)).toEqual({
        kind: 'unknownVersion',
      });
    }
    expect(await database.rules.remove(organizationId, rule.id, 4)).toEqual({ kind: 'written' });
    expect(await database.rules.find(organizationId, rule.id)).toBeUndefined();
    const versions = await allPages((page) => database.rules.versions(organizationId, rule.id, page));
    expect(versions.map(({ version, name }) => `${version} ${name}`)).toEqual(['4 one', '3 three', '2 two', '1 one']);
    expect((await database.rules.versions(organizationId, 'no id', PAGE)).items).toEqual([]);
  });

  it('are put in a new order as a whole', async () => {
    const [a, b, c] = [await create('a'), await create('b', 7), await create('c')];
    expect(await database.rules.reorder(organizationId, [c.id, a.id, b.id])).toBe('written');
    expect(await names()).toEqual(['0 c', '1 a', '2 b']);
    const { hash } = await database.rules.current(organizationId);
    for (const unfit of [
      [a.id, b.id],
      [a.id, b.id, b.id],
      [a.id, b.id, newId(0, randomBytes)],
      [a.id, b.id, c.id, c.id],
      ['x', 'y', 'z'],
    ]) {
      expect(await database.rules.reorder(organizationId, unfit)).toBe('unfit');
    }
    expect((await database.rules.current(organizationId)).hash).toBe(hash);
  });

  it('guarantees that each write is in force for what is accepted after it, and nothing before', async () => {
    const before = acceptInputOf(organizationId);
    await database.record.accept(before);
    const rule = await create('a');
    const after = acceptInputOf(organizationId);
    await database.record.accept(after);
    const [first, second] = [await claimOne(database.record, before), await claimOne(database.record, after)];
    const { createdAt: _createdAt, updatedAt: _updatedAt, ...plain } = rule;
    expect((await database.ruleSets.load(organizationId, first.ruleSet)).rules).toEqual([]);
    expect((await database.ruleSets.load(organizationId, second.ruleSet)).rules).toEqual([plain satisfies Rule]);
    expect(second.ruleSet).toBe((await database.rules.current(organizationId)).hash);
    await database.rules.remove(organizationId, rule.id, null);
    expect((await database.rules.current(organizationId)).hash).toBe(first.ruleSet);
    await expect(database.ruleSets.load(organizationId, 'unknown')).rejects.toMatchObject({
      code: 'ERR_RULE_SET_MISSING',
    });
  });

  it('keep what they were written with: order of properties, depth, any text', async () => {
    const conditions = {
      any: [{ fact: 'subject', operator: 'containsText', value: `z'"\\ \u{1f512}`, params: { b: 1, a: [null, true] } }],
    };
    const rule = await database.rules.create(
      organizationId,
      ruleInputOf({ conditions, exceptions: { not: { all: [] } } }),
    );
    expect(JSON.stringify(rule.conditions)).toBe(JSON.stringify(conditions));
    const { content } = await ground.open().rules.current(organizationId);
    expect(JSON.stringify(content.rules[0]?.conditions)).toBe(JSON.stringify(conditions));
    expect(hashRuleSet(content)).toBe((await database.rules.current(organizationId)).hash);
  });

  it('are written where there are 5,000 of them', async () => {
    await ground.look(
      `INSERT INTO rule (organization_id, id, version, priority, content)
       SELECT $1, gen_random_uuid(), 1, n, $2 FROM generate_series(0, 4999) n`,
      [
        organizationId,
        JSON.stringify({
          ...ruleInputOf(),
          conditions: {
            all: Array.from({ length: 4 }, (_, n) => ({
              fact: 'subject',
              operator: 'containsWords',
              value: [`word ${n}`],
            })),
          },
        }),
      ],
    );
    await create('one more', 0);
    expect((await database.rules.current(organizationId)).content.rules).toHaveLength(5_001);
  });
});
