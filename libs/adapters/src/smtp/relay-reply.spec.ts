import { codeOfReply, isForGood, oneLine, relayFailure } from './relay-reply.js';

describe('oneLine', () => {
  it.each([
    ['250 2.0.0 ok', '250 2.0.0 ok'],
    ['250', '250'],
    ['550-5.1.1 No such user\r\n550-5.1.1 here,\r\n550 5.1.1 sorry', '550 5.1.1 No such user here, sorry'],
    ['550-5.1.1 No such user\n550 5.1.10 other', '550 5.1.1 No such user 5.1.10 other'],
    ['451 4.3.0\ttab\u0000nul\u001b[31mred\u0085next\u2028line\u202eevil', '451 4.3.0 tab nul [31mred next line evil'],
    ['garbage\r\nmore', 'garbage more'],
    ['250 a\ud800b', '250 a\ufffdb'],
    ['', ''],
  ])('%j becomes %j', (reply, expected) => {
    expect(oneLine(reply)).toBe(expected);
  });

  it('cuts what is too long, between characters', () => {
    const line = oneLine(`550 ${'é'.repeat(1000)}`);
    expect(line).toHaveLength(500);
    const emoji = oneLine(`550 5${'😀'.repeat(1000)}`);
    expect(emoji.length).toBeLessThanOrEqual(500);
    expect(emoji.isWellFormed()).toBe(true);
    expect(oneLine('x'.repeat(50_000_000)).length).toBe(500);
  });
});

describe('isForGood', () => {
  it.each([
    ['550 5.1.1 no such user', true],
    ['552 too large', true],
    ['554', true],
    ['451 4.3.0 later', false],
    ['421 4.3.2 closing', false],
    ['530 5.7.0 authenticate first', false],
    ['535 5.7.8 wrong', false],
    ['550x', false],
    ['nonsense', false],
    ['600 no such class', false],
    ['', false],
  ])('%s: %p', (reply, expected) => {
    expect(isForGood(reply)).toBe(expected);
  });

  it('takes no number for a code that only begins like one', () => {
    expect(codeOfReply('2500 ok')).toBeUndefined();
    expect(codeOfReply('250-ok\r\n250 ok')).toBe(250);
  });
});

describe('relayFailure', () => {
  it('says in words of ours what happened, with the words of the relay, never those of an error', () => {
    const error = Object.assign(new Error('queue file ann@customer.example'), {
      code: 'ESOCKET',
      originalCode: 'ECONNREFUSED',
    });
    expect(relayFailure(error).reply).toBe('The connection to the relay failed (ECONNREFUSED).');
    expect(relayFailure({ code: 'EAUTH', response: '535-5.7.8 no\r\n535 5.7.8 way' }).reply).toBe(
      'The relay did not take our credentials. It said: 535 5.7.8 no way',
    );
    expect(relayFailure(undefined).reply).toBe('The relay closed the connection.');
  });
});
