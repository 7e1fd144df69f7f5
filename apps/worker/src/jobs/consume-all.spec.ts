import type { BullQueue, Consumer } from '#lib/adapters';
import type { QueueName } from '#lib/flow';
import { consumeAll } from './consume-all.js';

function queueWith(
  names: readonly string[],
  consumed: [QueueName, number][],
): Pick<BullQueue, 'boardQueues' | 'consume'> {
  return {
    boardQueues: () => names.map((name) => ({ name })) as unknown as ReturnType<BullQueue['boardQueues']>,
    consume: (name, _handler, { concurrency }) => {
      consumed.push([name, concurrency]);
      return undefined as unknown as Consumer;
    },
  };
}

describe('consumeAll', () => {
  it('consumes each queue that there is', () => {
    const consumed: [QueueName, number][] = [];
    consumeAll(queueWith(['process', 'emit', 'notify'], consumed), () => Promise.resolve(), 32);
    expect(consumed).toEqual([
      ['process', 32],
      ['emit', 4],
      ['notify', 4],
    ]);
  });

  it('guarantees that a queue without a handler stops the start', () => {
    expect(() => consumeAll(queueWith(['process', 'archive'], []), () => Promise.resolve(), 1)).toThrow(/archive/);
  });
});
