/** An IPv4 or IPv6 network; IPv4-mapped IPv6 (`::ffff:192.0.2.1`) counts as IPv4. */
export interface Network {
  readonly bits: 32 | 128;
  readonly address: bigint;
  readonly prefix: number;
}

const MAPPED = 0xffffn;
const OCTET = /^(?:0|[1-9]\d{0,2})$/;
const GROUP = /^[0-9a-f]{1,4}$/i;

/** `192.0.2.0/24`, `2001:db8::/32`, or one address; bits behind the prefix are ignored. `undefined` if it is neither. */
export function parseNetwork(text: string): Network | undefined {
  const [host = '', length, more] = text.split('/');
  const ip = parseAddress(host);
  if (ip === undefined || more !== undefined) return undefined;
  if (length === undefined) return mapped({ ...ip, prefix: ip.bits });
  const prefix = /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN;
  return prefix <= ip.bits ? mapped({ ...ip, prefix }) : undefined;
}

/** Whether an address lies in a network; `false` for a text that is no address. */
export function isInNetwork(text: string, network: Network): boolean {
  const address = parseNetwork(text.includes('/') ? '' : text);
  if (address?.bits !== network.bits) return false;
  const shift = BigInt(network.bits - network.prefix);
  return address.address >> shift === network.address >> shift;
}

function mapped(network: Network): Network {
  if (network.bits !== 128 || network.prefix < 96 || network.address >> 32n !== MAPPED) return network;
  return { bits: 32, address: network.address & 0xffffffffn, prefix: network.prefix - 96 };
}

/** An address with a zone (RFC 4007: `fe80::1%eth0`) is read without it. */
function parseAddress(text: string): Pick<Network, 'bits' | 'address'> | undefined {
  const bits = text.includes(':') ? 128 : 32;
  const address = bits === 32 ? parseV4(text) : parseV6(text.replace(/%[^%/]+$/, ''));
  return address === undefined ? undefined : { bits, address };
}

function parseV4(text: string): bigint | undefined {
  const octets = text.split('.');
  if (octets.length !== 4 || !octets.every((octet) => OCTET.test(octet) && Number(octet) < 256)) return undefined;
  return octets.reduce((sum, octet) => (sum << 8n) | BigInt(octet), 0n);
}

/** RFC 4291 section 2.2, its three forms. */
function parseV6(text: string): bigint | undefined {
  const tail = text.slice(text.lastIndexOf(':') + 1);
  if (tail.includes('.')) {
    const v4 = parseV4(tail);
    if (v4 === undefined) return undefined;
    return parseV6(`${text.slice(0, -tail.length)}${(v4 >> 16n).toString(16)}:${(v4 & 0xffffn).toString(16)}`);
  }
  const halves = text.split('::').map((half) => (half === '' ? [] : half.split(':')));
  const [head = [], rest] = halves;
  const given = head.length + (rest?.length ?? 0);
  if (halves.length > 2 || (rest === undefined ? given !== 8 : given > 7)) return undefined;
  const groups = [...head, ...Array<string>(8 - given).fill('0'), ...(rest ?? [])];
  return groups.every((group) => GROUP.test(group))
    ? groups.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n)
    : undefined;
}
