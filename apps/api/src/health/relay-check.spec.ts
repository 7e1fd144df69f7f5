import { relayCheck } from './relay-check.js';

const down = (since: string, at: string, more: Record<string, string> = {}) => ({
  state: {
    relay: 'configured',
    relayFailedSince: `2026-11-24T${since}:00.000Z`,
    relayFailedAt: `2026-11-24T${at}:00.000Z`,
    relayFailure: 'ECONNREFUSED',
    relayHost: 'mail.clinic.example:25',
    ...more,
  },
});
const up = (at: string) => ({ state: { relay: 'configured', relayReachedAt: `2026-11-24T${at}:00.000Z` } });

describe('relayCheck', () => {
  it('says since when, why and which relay is not reached, and stays ready', () => {
    expect(relayCheck([down('10:00', '10:30')])).toEqual({
      ok: true,
      failing: true,
      detail:
        'configured, but not reached since 2026-11-24T10:00:00.000Z (mail.clinic.example:25): ECONNREFUSED; mail waits',
    });
    expect(relayCheck([down('10:00', '10:30'), down('09:00', '10:10')]).detail).toContain('09:00');
    expect(relayCheck([down('10:00', '10:30', { relayFailure: 'EAUTH' })]).detail).toContain('credentials since');
  });

  it('forgets a failure when another worker has reached it later, and not when it had before', () => {
    expect(relayCheck([down('10:00', '10:30'), up('10:31')])).toEqual({ ok: true, detail: 'configured' });
    expect(relayCheck([down('10:00', '10:30'), up('10:29')])).toMatchObject({ failing: true });
  });

  it('is not ready without a worker, or with one that has no relay', () => {
    expect(relayCheck([])).toMatchObject({ ok: false });
    expect(relayCheck([up('10:00'), { state: { relay: 'absent' } }])).toMatchObject({
      ok: false,
      detail: expect.stringContaining('SEALFLOW_RELAY_URL'),
    });
  });
});
