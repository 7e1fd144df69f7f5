import { assertSchemaCompatibility, PostgresConnection, PostgresQueueBackend, type BackendFactory } from 'bullmq';

const SCHEMA = 'bullmq';

/**
 * BullMQ's connection remembers for ever that the first look at the schema failed, so a queue that was made while the
 * server was away would never work. This one looks again.
 */
class LastingConnection extends PostgresConnection {
  #looking: Promise<void> | undefined;

  override waitUntilReady(): Promise<void> {
    this.#looking ??= this.#look().catch((error: unknown) => {
      this.#looking = undefined;
      throw error;
    });
    return this.#looking;
  }

  async #look(): Promise<void> {
    await assertSchemaCompatibility(this.pool, SCHEMA);
    setTimeout(() => this.emit('ready'), 0);
  }
}

class LastingQueueBackend extends PostgresQueueBackend {
  override async waitUntilReady(): Promise<void> {
    await this.connection.waitUntilReady();
  }
}

/** The backend factory for BullMQ over a pool of ours. */
export const createLastingBackend: BackendFactory<PostgresQueueBackend, PostgresConnection['pool']> = (name, options) =>
  new LastingQueueBackend(new LastingConnection(options.connection), name, options, true);
