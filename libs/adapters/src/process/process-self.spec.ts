import { jest } from '@jest/globals';
import { ProcessSelf } from './process-self.js';

describe('ProcessSelf', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  it('reports at once and every five seconds, bears a lost report, and leaves at the end', async () => {
    jest.useFakeTimers();
    const said: string[] = [];
    let isAway = false;
    const self = new ProcessSelf({
      id: 'me',
      app: 'worker',
      processes: {
        report: ({ id, state }) => {
          if (isAway) return Promise.reject(new Error('away'));
          said.push(`${id} ${JSON.stringify(state)}`);
          return Promise.resolve();
        },
        leave: (id) => {
          said.push(`${id} left`);
          return Promise.resolve();
        },
      },
      state: () => ({ relay: 'absent' }),
      metrics: () => Promise.resolve([]),
      onReported: () => {
        said.push('marked');
        return Promise.resolve();
      },
      onTrouble: () => said.push('trouble'),
    });
    self.start();
    self.start();
    await jest.advanceTimersByTimeAsync(4_000);
    expect(said).toEqual(['me {"relay":"absent"}', 'marked']);
    isAway = true;
    await jest.advanceTimersByTimeAsync(1_500);
    expect(said.slice(2)).toEqual(['trouble']);
    isAway = false;
    await jest.advanceTimersByTimeAsync(5_000);
    expect(said.slice(3)).toEqual(['me {"relay":"absent"}', 'marked']);
    await self.stop();
    await jest.advanceTimersByTimeAsync(20_000);
    expect(said.slice(5)).toEqual(['me left']);
  });
});
