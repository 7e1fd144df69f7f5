import { inspect } from 'node:util';
import { Secret } from '#lib/core';
import { isLoopback, parseRelayUrl } from './relay-url.js';

const parse = (url: string) => parseRelayUrl(new Secret(url));

describe('parseRelayUrl', () => {
  it.each([
    ['smtp://relay.example', { host: 'relay.example', port: 25, isImplicitTls: false, tls: 'opportunistic' }],
    ['smtp://127.0.0.1:1025/', { host: '127.0.0.1', port: 1025, tls: 'opportunistic' }],
    ['smtp://[::1]:2525?tls=none', { host: '::1', port: 2525, tls: 'none' }],
    ['smtp://Relay.Example:587?tls=required', { host: 'relay.example', port: 587, tls: 'required' }],
    ['smtp://relay?tls=verified', { host: 'relay', tls: 'verified' }],
    ['smtps://relay.example', { port: 465, isImplicitTls: true, tls: 'verified' }],
    ['smtps://relay.example:8465?tls=required', { port: 8465, isImplicitTls: true, tls: 'required' }],
  ])('reads %s', (url, expected) => {
    expect(parse(url)).toMatchObject({ credentials: null, ...expected });
  });

  it('decodes credentials and shows no password', () => {
    const target = parse('smtp://sue%40example.com:p%2Fa%3As@relay.example');
    expect(target.credentials?.user).toBe('sue@example.com');
    expect(target.credentials?.password.reveal()).toBe('p/a:s');
    expect(inspect(target, { depth: 9 }) + JSON.stringify(target)).not.toContain('p/a:s');
  });

  it.each([
    ['http://relay.example', 'scheme'],
    ['relay.example:25', 'scheme'],
    ['not a url', 'scheme'],
    ['smtp://', 'host'],
    ['smtp://re lay', 'scheme'],
    ['smtp://a%20b', 'host'],
    ['smtp://relay.example/inbox', 'path'],
    ['smtp://relay.example#x', 'path'],
    ['smtp://relay.example?ssl=1', 'query'],
    ['smtp://relay.example?tls=none&tls=required', 'query'],
    ['smtp://relay.example?tls=always', 'tls'],
    ['smtp://relay.example?tls=', 'tls'],
    ['smtps://relay.example?tls=none', 'tls'],
    ['smtps://relay.example?tls=opportunistic', 'tls'],
    ['smtp://sue@relay.example', 'credentials'],
    ['smtp://:secret@relay.example', 'credentials'],
    ['smtp://%ff:secret@relay.example', 'credentials'],
  ])('refuses %s and names what is wrong, never the URL', (url, part) => {
    try {
      parse(url);
      throw new Error('it was taken');
    } catch (error) {
      expect(error).toMatchObject({ code: 'ERR_RELAY_URL_INVALID', kind: 'invalid', detail: { part } });
      expect(inspect(error)).not.toContain('secret@');
    }
  });
});

describe('isLoopback', () => {
  it.each([
    ['127.0.0.1', true],
    ['127.8.9.1', true],
    ['::1', true],
    ['localhost', true],
    ['127.0.0.1.example.com', false],
    ['10.0.0.1', false],
    ['relay.example', false],
  ])('%s: %p', (host, expected) => {
    expect(isLoopback(host)).toBe(expected);
  });
});
