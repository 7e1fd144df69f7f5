import { fixedClock } from '#lib/core';
import { InMemoryRecord } from '../../libs/flow/src/fakes/in-memory-record.js';
import { recordContract } from './record-contract.js';

describe('the record in memory', () => {
  recordContract(() => {
    const clock = fixedClock('2026-11-24T12:00:00Z');
    let published = 1;
    const postmaster = 'postmaster@example.com';
    const record = new InMemoryRecord({ clock, ruleSet: () => `rule set ${published}`, postmaster });
    return Promise.resolve({
      record,
      organizationId: '00000000-0000-8000-8000-000000000001',
      postmaster,
      now: () => clock.now(),
      letTimePass: async (milliseconds) => {
        await Promise.resolve();
        clock.set(new Date(clock.now().getTime() + milliseconds));
      },
      publish: () => Promise.resolve(void (published += 1)),
      wake: async (id, addresses) => {
        await Promise.resolve();
        record.wake(id, addresses);
      },
      rejudge: async (id, addresses) => {
        await Promise.resolve();
        record.rejudge(id, addresses);
      },
      requestOf: (id) => Promise.resolve(record.notifications.get(id)?.request),
      eventsOf: (id) => Promise.resolve(record.message(id).events.map(({ type }) => type)),
      judgedOf: (id) => Promise.resolve(record.judged(id)),
      traceOf: (id, judging) => record.judged(id).loadTrace(judging),
      close: () => Promise.resolve(),
    });
  });
});
