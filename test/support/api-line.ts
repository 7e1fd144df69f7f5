import { randomBytes } from 'node:crypto';
import { processMessage, type FlowPorts } from '#lib/flow';
import { InMemoryRelay } from '../../libs/flow/src/fakes/in-memory-relay.js';
import type { ApiServer } from './api-server.js';

/** Takes what came in over an `ApiServer` down the line, in this process, as a worker would. */
export class ApiLine {
  readonly relay = new InMemoryRelay();
  readonly #ports: FlowPorts;

  constructor(private readonly api: ApiServer) {
    const { database, platform, kms } = api;
    const { record, ruleSets, keys, directory, sharedLists: lists } = database;
    const { blobs, judge, enqueue, clock } = platform;
    this.#ports = {
      ...{ record, ruleSets, keys, directory, lists, kms, blobs, judge, enqueue, clock },
      relay: this.relay,
      random: randomBytes,
      hostName: 'mx.clinic.example',
      mayEmit: () => true,
      pause: () => Promise.resolve(),
    };
  }

  /** Works on one message that waits. */
  async work(id: string): Promise<void> {
    const [accepted] = await this.#ports.record.claim('process', this.api.organizationId, [id]);
    if (accepted === undefined) throw new Error('the message does not wait');
    await processMessage(this.#ports, accepted);
  }
}
