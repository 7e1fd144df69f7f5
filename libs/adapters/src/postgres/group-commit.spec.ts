import { AdapterError } from '../errors.js';
import { GroupCommit } from './group-commit.js';

describe('GroupCommit', () => {
  /** Writes when it is told to; notes what came together. */
  const held = () => {
    const batches: string[][] = [];
    const finish: (() => void)[] = [];
    const group = new GroupCommit<string, string>({
      write: async (organizationId, inputs) => {
        batches.push([organizationId, ...inputs]);
        await new Promise<void>((resolve) => finish.push(resolve));
        return inputs.map((input) => `${input}!`);
      },
    });
    return { group, batches, next: () => finish.shift()?.() };
  };
  const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

  it('writes together what comes while the last batch is being written, organization by organization', async () => {
    const { group, batches, next } = held();
    const first = [group.run('a', '1'), group.run('a', '2'), group.run('b', '3')];
    await turn();
    const second = [group.run('a', '4'), group.run('a', '5')];
    await turn();
    expect(batches).toEqual([
      ['a', '1', '2'],
      ['b', '3'],
    ]);
    next();
    next();
    expect(await Promise.all(first)).toEqual(['1!', '2!', '3!']);
    await turn();
    expect(batches.at(-1)).toEqual(['a', '4', '5']);
    next();
    expect(await Promise.all(second)).toEqual(['4!', '5!']);
    const third = group.run('a', '6');
    await turn();
    next();
    expect(await third).toBe('6!');
  });

  it('never writes two of the same key together', async () => {
    const batches: (readonly string[])[] = [];
    const group = new GroupCommit<string, string>({
      write: (_organizationId, inputs) => {
        batches.push(inputs);
        return Promise.resolve(inputs);
      },
      keyOf: (input) => input.slice(0, 1),
    });
    const inputs = ['a1', 'b1', 'a2', 'c1', 'a3', 'c2'];
    expect(await Promise.all(inputs.map((input) => group.run('organization', input)))).toEqual(inputs);
    expect(batches).toEqual([
      ['a1', 'b1'],
      ['a2', 'c1'],
      ['a3', 'c2'],
    ]);
  });

  it('guarantees that one bad call of a batch fails alone', async () => {
    const batches: string[][] = [];
    const group = new GroupCommit<string, string>({
      write: (_, inputs) => {
        batches.push([...inputs]);
        return inputs.includes('bad')
          ? Promise.reject(new AdapterError('ERR_DATABASE_VALUE'))
          : Promise.resolve(inputs);
      },
    });
    const outcomes = await Promise.allSettled(['1', 'bad', '2'].map((input) => group.run('a', input)));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(batches).toEqual([['1', 'bad', '2'], ['1'], ['bad'], ['2']]);
  });

  it.each(['ERR_DATABASE_AWAY', 'ERR_DATABASE_FULL', 'ERR_DATABASE_BUSY', 'ERR_DATABASE_UNMIGRATED'] as const)(
    'does not try one by one after %s',
    async (code) => {
      let writes = 0;
      const group = new GroupCommit<string, string>({
        write: () => {
          writes += 1;
          return Promise.reject(new AdapterError(code));
        },
      });
      const outcomes = await Promise.allSettled(['1', '2', '3'].map((input) => group.run('a', input)));
      for (const outcome of outcomes) expect(outcome).toMatchObject({ status: 'rejected', reason: { code } });
      expect(writes).toBe(1);
    },
  );

  it('bounds a batch by calls and by rows, but takes one call however large it is', async () => {
    const batches: number[] = [];
    const group = new GroupCommit<number, number>({
      write: (_, inputs) => {
        batches.push(inputs.length);
        return Promise.resolve(inputs);
      },
      rowsOf: (rows) => rows,
    });
    await Promise.all(
      [...Array.from({ length: 300 }, () => 1), 9_999, 2, 50_000, 1].map((rows) => group.run('a', rows)),
    );
    expect(batches).toEqual([256, 44, 1, 1, 1, 1]);
  });

  it('guarantees that what waits is bounded', async () => {
    const { group, next } = held();
    const first = group.run('a', 'first');
    await turn();
    const waiting = Array.from({ length: 20_000 }, (_, n) => group.run('a', `${n}`));
    await expect(group.run('a', 'one too many')).rejects.toMatchObject({ code: 'ERR_DATABASE_BUSY' });
    const drained = Promise.all([first, ...waiting]);
    for (let batches = 0; batches < 100; batches += 1) {
      next();
      await turn();
    }
    expect((await drained).length).toBe(20_001);
  });
});
