import { isInNetwork, parseNetwork } from './network.js';

describe('networks', () => {
  it.each([
    ['192.0.2.0/24', '192.0.2.200', true],
    ['192.0.2.77/24', '192.0.2.1', true],
    ['192.0.2.0/24', '192.0.3.1', false],
    ['0.0.0.0/0', '255.255.255.255', true],
    ['192.0.2.1', '192.0.2.1', true],
    ['192.0.2.1', '192.0.2.2', false],
    ['2001:db8::/32', '2001:db8:ffff::1', true],
    ['2001:db8::/32', '2001:db9::1', false],
    ['::/0', '::1', true],
    ['::/0', '192.0.2.1', false],
    ['0.0.0.0/0', '::1', false],
    ['::ffff:192.0.2.0/120', '192.0.2.9', true],
    ['192.0.2.0/24', '::ffff:192.0.2.9', true],
    ['2001:DB8::1', '2001:db8:0:0:0:0:0:1', true],
    ['192.0.2.0/24', '192.0.2.0/24', false],
    ['192.0.2.0/24', 'nonsense', false],
  ])('%s holds %s: %s', (network, address, expected) => {
    expect(isInNetwork(address, parseNetwork(network)!)).toBe(expected);
  });

  it.each([
    '',
    '192.0.2',
    '192.0.2.256',
    '192.0.02.1',
    '192.0.2.0/33',
    '192.0.2.0/-1',
    '192.0.2.0/24/24',
    '192.0.2.0/',
    '2001:db8::/129',
    '2001:db8:::1',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7',
    '12345::',
    '::192.0.2.300',
    'example.com',
  ])('refuse %j', (text) => {
    expect(parseNetwork(text)).toBeUndefined();
  });
});
