import type { Clock } from '#lib/core';

const WINDOW_MS = 60_000;
const ADDRESSES_MAX = 20_000;

interface Attempts {
  count: number;
  readonly sinceMs: number;
}

/** Counts failed attempts of an address (IPv6: of a /64, which is what one customer has) within a minute. */
export class AttemptLimit {
  readonly #attempts = new Map<string, Attempts>();

  constructor(
    private readonly failuresMax: number,
    private readonly clock: Clock,
  ) {}

  /** Seconds until the address may try again; 0 if it may now. */
  waitSeconds(address: string): number {
    const found = this.#current(address);
    if (found === undefined || found.count < this.failuresMax) return 0;
    return Math.max(1, Math.ceil((found.sinceMs + WINDOW_MS - this.clock.now().getTime()) / 1000));
  }

  failed(address: string): void {
    const found = this.#current(address);
    if (found !== undefined) {
      found.count += 1;
      return;
    }
    // The oldest goes: a bounded memory matters more than one address that comes back.
    const [oldest] = this.#attempts.keys();
    if (this.#attempts.size >= ADDRESSES_MAX && oldest !== undefined) this.#attempts.delete(oldest);
    this.#attempts.set(networkOf(address), { count: 1, sinceMs: this.clock.now().getTime() });
  }

  #current(address: string): Attempts | undefined {
    const network = networkOf(address);
    const found = this.#attempts.get(network);
    if (found === undefined || this.clock.now().getTime() - found.sinceMs < WINDOW_MS) return found;
    this.#attempts.delete(network);
    return undefined;
  }
}

function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.split('::');
  const groups = head.split(':').filter((group) => group !== '');
  const missing = tail === undefined ? 0 : 8 - groups.length - tail.split(':').filter((group) => group !== '').length;
  return [...groups, ...Array<string>(Math.max(0, missing)).fill('0')].slice(0, 4).join(':');
}
