import { format, inspect } from 'node:util';
import { Secret } from './secret.js';

describe('Secret', () => {
  const secret = new Secret('hunter2');

  it('gives its value where it is asked for', () => {
    expect(secret.reveal()).toBe('hunter2');
    expect(new Secret(new Uint8Array([1])).reveal()).toEqual(new Uint8Array([1]));
  });

  it.each([
    ['a string', `a text with ${secret.toString()}`],
    ['JSON', JSON.stringify({ secret, deep: [secret] })],
    ['inspect', inspect({ secret }, { depth: 9, showHidden: true })],
    ['format', format('%s %o %O %j', secret, secret, secret, secret)],
    ['its keys', Object.entries(secret).join()],
    ['a copy of it', JSON.stringify(structuredClone(secret))],
  ])('guarantees that it is not in %s', (_where, text) => {
    expect(text).not.toContain('hunter2');
  });
});
