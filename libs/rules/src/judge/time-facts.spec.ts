import { timeOf } from './changed-markings.js';

describe('the time of judging', () => {
  it.each([
    ['2026-11-25T04:30:00.000Z', 'UTC', 4, 'wednesday', '2026-11-25'],
    ['2026-11-25T23:30:00.000Z', 'Europe/Berlin', 0, 'thursday', '2026-11-26'],
    ['2026-11-25T00:30:00.000Z', 'America/New_York', 19, 'tuesday', '2026-11-24'],
    // Clocks go forward from 2 to 3 on 29 March, and back from 3 to 2 on 25 October.
    ['2026-03-29T00:59:59.999Z', 'Europe/Berlin', 1, 'sunday', '2026-03-29'],
    ['2026-03-29T01:00:00.000Z', 'Europe/Berlin', 3, 'sunday', '2026-03-29'],
    ['2026-10-25T00:30:00.000Z', 'Europe/Berlin', 2, 'sunday', '2026-10-25'],
    ['2026-10-25T01:30:00.000Z', 'Europe/Berlin', 2, 'sunday', '2026-10-25'],
    ['2026-10-25T02:30:00.000Z', 'Europe/Berlin', 3, 'sunday', '2026-10-25'],
    ['2026-01-04T18:20:00.000Z', 'Asia/Kathmandu', 0, 'monday', '2026-01-05'],
    ['2026-12-31T23:59:59.999Z', 'Pacific/Kiritimati', 13, 'friday', '2027-01-01'],
  ])('%s is in %s hour %p of %s, %s', (at, timeZone, hour, weekday, date) => {
    expect(timeOf(at, timeZone)).toEqual({ hour, weekday, date });
  });

  it('is in error for what is no time, or no zone', () => {
    expect(timeOf('yesterday', 'UTC')).toEqual({ errorCode: 'ERR_FACT_INVALID' });
    expect(timeOf('2026-11-25T04:30:00.000Z', 'Middle/Earth')).toEqual({ errorCode: 'ERR_FACT_INVALID' });
  });
});
