import { fixedClock, Secret } from '#lib/core';
import { expiredCookie, SessionCookie } from './session-cookie.js';

const SESSION = { organizationId: 'an-organization', apiKeyId: 'a-key' };
const START = new Date('2026-01-01T00:00:00Z');

describe('SessionCookie', () => {
  const clock = fixedClock(START);
  const cookie = new SessionCookie(new Secret<Uint8Array>(Buffer.alloc(32, 1)), clock);
  const header = (set: string): string => set.split(';')[0] ?? '';

  it('gives back the session that it was issued for, among other cookies', () => {
    const value = header(cookie.issue(SESSION, false));
    expect(cookie.read(value)).toEqual(SESSION);
    expect(cookie.read(`a=b; ${value}; c=d`)).toEqual(SESSION);
  });

  it('is for https alone where that is spoken, and never for scripts or other sites', () => {
    expect(cookie.issue(SESSION, true)).toMatch(/; Path=\/queues; Max-Age=28800; HttpOnly; SameSite=Strict; Secure$/);
    expect(cookie.issue(SESSION, false)).not.toContain('Secure');
    expect(expiredCookie(true)).toMatch(/^sealflow_queues=; .*Max-Age=0.*Secure$/);
  });

  it.each([[undefined], [''], ['sealflow_queues='], ['sealflow_queues=a.b'], ['sealflow_queues=.'], ['other=1']])(
    'has no session in %p',
    (value) => expect(cookie.read(value)).toBeUndefined(),
  );

  it('guarantees that another key, a changed bit or time ends it', () => {
    const value = header(cookie.issue(SESSION, false));
    expect(new SessionCookie(new Secret<Uint8Array>(Buffer.alloc(32, 2)), clock).read(value)).toBeUndefined();
    for (let at = 'sealflow_queues='.length; at < value.length; at += 1) {
      const other = value[at] === 'A' ? 'B' : 'A';
      const changed = value.slice(0, at) + other + value.slice(at + 1);
      const read = cookie.read(changed);
      // The last character of base64 has bits that mean nothing.
      if (at < value.length - 1) expect(read).toBeUndefined();
    }
    clock.set(new Date(START.getTime() + 8 * 3600 * 1000));
    expect(cookie.read(value)).toBeUndefined();
  });
});
