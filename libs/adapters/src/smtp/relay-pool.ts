import type { RelayTimeouts } from './connection-options.js';
import { RelayConnection } from './relay-connection.js';
import { RelayFailure } from './relay-reply.js';
import type { RelayTarget } from './relay-url.js';

export interface RelayPoolOptions {
  readonly target: RelayTarget;
  /** In EHLO. */
  readonly hostName: string;
  readonly timeouts: RelayTimeouts;
  /** Connections at once. */
  readonly connectionsMax: number;
  /** After so many messages a connection ends. */
  readonly messagesPerConnectionMax: number;
  /** After so long without a message it ends. */
  readonly idleMs: number;
}

interface Waiter {
  readonly take: (connection: RelayConnection) => void;
  readonly fail: (error: RelayFailure) => void;
}

/** A bounded number of connections to the relay, kept open between messages. Whoever borrows one gives it back. */
export class RelayPool {
  readonly #options: RelayPoolOptions;
  /** The one that was used last is used next, so that those that are not needed grow old. */
  readonly #idle: RelayConnection[] = [];
  readonly #timers = new Map<RelayConnection, NodeJS.Timeout>();
  readonly #waiting: Waiter[] = [];
  readonly #lent = new Set<RelayConnection>();
  #opening = 0;
  #leaving = 0;
  #isClosed = false;
  #whenEmpty: (() => void) | undefined;

  constructor(options: RelayPoolOptions) {
    this.#options = options;
  }

  /**
   * A connection that nobody else uses; a kept one if there is, unless `isFresh` is wanted. Waits while all are in use.
   * Error: {@link RelayFailure}, shared by all that wait when there is no connection left to wait for.
   */
  borrow({ isFresh = false } = {}): Promise<RelayConnection> {
    return new Promise((take, fail) => {
      const kept = isFresh ? undefined : this.#takeKept();
      if (this.#isClosed) fail(new RelayFailure('The connection to the relay is being closed.'));
      else if (kept !== undefined) this.#lend(kept, take);
      else {
        this.#waiting.push({ take, fail });
        this.#openMore();
      }
    });
  }

  /** `isReusable`: the relay takes another message on it. */
  giveBack(connection: RelayConnection, isReusable: boolean): void {
    this.#lent.delete(connection);
    const { messagesPerConnectionMax } = this.#options;
    connection.isKept = true;
    if (!isReusable || !connection.isAlive || connection.messages >= messagesPerConnectionMax || this.#isClosed) {
      this.#part(connection);
    } else {
      this.#handOn(connection);
    }
    this.#openMore();
    if (this.#lent.size === 0) this.#whenEmpty?.();
  }

  /** Lends no more; waits so long for those that are lent. */
  async close(graceMs: number): Promise<void> {
    this.#isClosed = true;
    for (const connection of [...this.#idle]) this.#forget(connection);
    this.#failWaiting(new RelayFailure('The connection to the relay is being closed.'));
    if (this.#lent.size > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, graceMs);
        this.#whenEmpty = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    for (const connection of this.#lent) connection.close();
  }

  #handOn(connection: RelayConnection): void {
    const next = this.#waiting.shift();
    if (next !== undefined) {
      this.#lend(connection, next.take);
      return;
    }
    connection.isKept = true;
    this.#idle.push(connection);
    this.#timers.set(
      connection,
      setTimeout(() => this.#forget(connection), this.#options.idleMs),
    );
  }

  #takeKept(): RelayConnection | undefined {
    for (let kept = this.#idle.pop(); kept !== undefined; kept = this.#idle.pop()) {
      clearTimeout(this.#timers.get(kept));
      this.#timers.delete(kept);
      if (kept.isAlive) return kept;
    }
    return undefined;
  }

  #lend(connection: RelayConnection, take: Waiter['take']): void {
    this.#lent.add(connection);
    take(connection);
  }

  #openMore(): void {
    const { connectionsMax, target, hostName, timeouts } = this.#options;
    const open = this.#lent.size + this.#idle.length + this.#opening + this.#leaving;
    let free = Math.min(connectionsMax - open, this.#waiting.length - this.#opening);
    // A kept connection that a fresh one is wanted beside makes room for it.
    const [oldest] = this.#idle;
    if (free <= 0 && this.#waiting.length > this.#opening && oldest !== undefined) this.#forget(oldest);
    for (; free > 0; free -= 1) {
      this.#opening += 1;
      RelayConnection.open(target, hostName, timeouts).then(
        (connection) => this.#opened(connection),
        (error: unknown) => this.#failed(error as RelayFailure),
      );
    }
  }

  #opened(connection: RelayConnection): void {
    this.#opening -= 1;
    if (this.#isClosed) this.#part(connection);
    else this.#handOn(connection);
  }

  #failed(error: RelayFailure): void {
    this.#opening -= 1;
    // Others that are open, or may still be, come back to those who wait.
    if (this.#lent.size === 0 && this.#opening === 0) this.#failWaiting(error);
  }

  #failWaiting(error: RelayFailure): void {
    for (const { fail } of this.#waiting.splice(0)) fail(error);
  }

  #forget(connection: RelayConnection): void {
    const at = this.#idle.indexOf(connection);
    if (at < 0) return;
    this.#idle.splice(at, 1);
    clearTimeout(this.#timers.get(connection));
    this.#timers.delete(connection);
    this.#part(connection);
  }

  /** It counts until it is gone: a relay may allow us only so many. */
  #part(connection: RelayConnection): void {
    this.#leaving += 1;
    void connection.leave().then(() => {
      this.#leaving -= 1;
      this.#openMore();
    });
  }
}
