import type { Clock } from '#lib/core';
import { TokenBuckets } from './token-bucket.js';

/** All clients together; those whom we do not trust leave room for the others. */
const CONNECTIONS_MAX = 2_000;
const STRANGERS_MAX = 1_000;
/** One address that is not trusted: at once, and new ones in a second. */
const PER_ADDRESS_MAX = 50;
const NEW_PER_ADDRESS = { burst: 100, perSecond: 10 };

/** Counts open connections. Trusted networks have no limit of their own below that of all. */
export class ConnectionLimits {
  readonly #perAddress = new Map<string, number>();
  readonly #rate: TokenBuckets;
  #open = 0;
  #strangers = 0;

  constructor(clock: Clock) {
    this.#rate = new TokenBuckets(clock, NEW_PER_ADDRESS);
  }

  get open(): number {
    return this.#open;
  }

  /** A new connection; `false` if it is to be refused. Each that was taken is to be given back. */
  take(address: string, isTrusted: boolean): boolean {
    if (this.#open >= CONNECTIONS_MAX) return false;
    if (!isTrusted && !this.#takeStranger(address)) return false;
    this.#open += 1;
    return true;
  }

  giveBack(address: string, isTrusted: boolean): void {
    this.#open -= 1;
    if (isTrusted) return;
    this.#strangers -= 1;
    const count = (this.#perAddress.get(address) ?? 1) - 1;
    if (count === 0) this.#perAddress.delete(address);
    else this.#perAddress.set(address, count);
  }

  #takeStranger(address: string): boolean {
    const count = this.#perAddress.get(address) ?? 0;
    if (this.#strangers >= STRANGERS_MAX || count >= PER_ADDRESS_MAX || !this.#rate.take(address)) return false;
    this.#perAddress.set(address, count + 1);
    this.#strangers += 1;
    return true;
  }
}
