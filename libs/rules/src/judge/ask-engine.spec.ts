import { Engine } from 'json-rules-engine';
import type { Node } from '../compile/tree.js';
import { askEngine } from './ask-engine.js';

const leaf = (position: number): Node => ({ position });

describe('the engine', () => {
  it.each<[string, Node, boolean[], boolean]>([
    ['a lone leaf that holds', leaf(0), [true], true],
    ['a lone leaf that does not', leaf(0), [false], false],
    ['all of nothing', { all: [] }, [], true],
    ['all', { all: [leaf(0), leaf(1)] }, [true, false], false],
    ['any', { any: [leaf(0), leaf(1)] }, [false, true], true],
    ['not', { not: leaf(0) }, [true], false],
    ['not of not', { not: { not: leaf(0) } }, [true], true],
    ['not of all of nothing', { not: { all: [] } }, [], false],
    ['groups in each other', { all: [{ any: [leaf(0), { not: leaf(1) }] }, leaf(2)] }, [false, false, true], true],
  ])('answers for %s', async (_name, root, holds, expected) => {
    expect(await askEngine([{ root, holds }])).toEqual([expected]);
  });

  it('answers for each question in its order, however many there are', async () => {
    const questions = Array.from({ length: 300 }, (_, index) => ({
      root: { all: [leaf(0), { not: leaf(1) }] },
      holds: [index % 3 === 0, index % 2 === 0],
    }));
    const answers = await askEngine(questions);
    expect(answers).toEqual(questions.map(({ holds: [one, other] }) => one === true && other === false));
  });

  it('is not asked for nothing', async () => {
    const never = (): Engine => {
      throw new Error('made an engine');
    };
    expect(await askEngine([], never)).toEqual([]);
  });

  it('takes 64 levels', async () => {
    let root: Node = leaf(0);
    for (let level = 0; level < 64; level++) root = level % 2 === 0 ? { not: root } : { all: [root] };
    expect(await askEngine([{ root, holds: [true] }])).toEqual([true]);
  });

  /** An engine that does something else than it should with its answers. */
  function tampered(change: (run: Awaited<ReturnType<Engine['run']>>) => void): () => Engine {
    return () => {
      const engine = new Engine();
      const run = engine.run.bind(engine);
      engine.run = async () => {
        const result = await run();
        change(result);
        return result;
      };
      return engine;
    };
  }

  const two = [
    { root: leaf(0), holds: [true] },
    { root: leaf(0), holds: [false] },
  ];

  it.each<[string, () => Engine]>([
    ['loses a result', tampered(({ results }) => results.pop())],
    ['loses a failure', tampered(({ failureResults }) => failureResults.pop())],
    [
      'answers twice for one rule and not for the other',
      tampered(({ results, failureResults }) => {
        failureResults.pop();
        results.push(results[0]!);
      }),
    ],
  ])('guarantees that a rule is never lost in silence when it %s', async (_name, newEngine) => {
    await expect(askEngine(two, newEngine)).rejects.toMatchObject({ code: 'ERR_ENGINE_INCOMPLETE', kind: 'bug' });
  });
});

describe('json-rules-engine, why it is held as it is', () => {
  const first = {
    name: 'first',
    priority: 10,
    conditions: { all: [{ fact: 'slow', operator: 'equal', value: true }] },
    event: { type: 'first' },
  };
  const mustEncrypt = { name: 'must-encrypt', priority: 1, conditions: { all: [] }, event: { type: 'must-encrypt' } };

  function engineOf(): Engine {
    return new Engine([first, mustEncrypt]);
  }

  /** Runs with a fact that is there when `gate` opens; the names of the rules that matched. */
  async function matchedBy(engine: Engine, gate: Promise<void>): Promise<readonly string[]> {
    const { results } = await engine.run({
      slow: async () => {
        await gate;
        return true;
      },
    });
    return results.map(({ name }) => name);
  }

  /** The quick run has ended before the fact of the slow one is there. */
  async function together(quick: Engine, slow: Engine): Promise<{ quick: readonly string[]; slow: readonly string[] }> {
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const slowRun = matchedBy(slow, gate);
    const quickOnes = await matchedBy(quick, Promise.resolve());
    open();
    return { quick: quickOnes, slow: await slowRun };
  }

  it('loses a rule without an error when one engine serves two runs at once', async () => {
    const engine = engineOf();
    expect(await together(engine, engine)).toEqual({ quick: ['first', 'must-encrypt'], slow: ['first'] });
  });

  it('loses none with an engine for each run', async () => {
    const both = ['first', 'must-encrypt'];
    expect(await together(engineOf(), engineOf())).toEqual({ quick: both, slow: both });
  });

  it('calls any of nothing true, ignores all beside any, and rejects all rules for one unknown fact', async () => {
    const conditions = (one: object) => ({ ...mustEncrypt, conditions: one as typeof mustEncrypt.conditions });
    const run = async (one: object) => (await new Engine([conditions(one)]).run({ x: 1 })).results.length;
    expect(await run({ any: [] })).toBe(1);
    const isTwo = { fact: 'x', operator: 'equal', value: 2 };
    const isOne = { fact: 'x', operator: 'equal', value: 1 };
    expect(await run({ all: [isTwo], any: [isOne] })).toBe(1);
    await expect(run({ all: [isOne, { fact: 'y', operator: 'equal', value: 1 }] })).rejects.toThrow('Undefined fact');
  });
});
