import { BlockList, isIPv6 } from 'node:net';

/** The networks of `SEALFLOW_TRUSTED_NETWORKS`, checked before: `10.0.0.0/8`, `::1/128`, or one address. */
export class TrustedNetworks {
  readonly #networks = new BlockList();

  constructor(networks: readonly string[]) {
    for (const network of networks) {
      const [address = '', bits] = network.split('/');
      const family = isIPv6(address) ? 'ipv6' : 'ipv4';
      this.#networks.addSubnet(address, bits === undefined ? (family === 'ipv6' ? 128 : 32) : Number(bits), family);
    }
  }

  /** An address as the socket has it, without the prefix of mapped IPv4. */
  has(address: string): boolean {
    const [host = ''] = address.split('%');
    return host !== '' && this.#networks.check(host, isIPv6(host) ? 'ipv6' : 'ipv4');
  }
}
