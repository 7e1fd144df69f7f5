import { BodySlots } from '../http/body-slots.js';

/** Webhooks that are taken in at once: of all connectors, and of one. */
const [ALL_MAX, ONE_MAX] = [128, 32];

/**
 * The slots of webhooks, apart from those of REST: who sends one is known only behind its body. Whoever knows the address
 * of a connector can keep that one busy, and no other.
 */
export class WebhookSlots {
  readonly #all = new BodySlots(ALL_MAX);
  readonly #ofOne = new Map<string, { readonly slots: BodySlots; users: number }>();

  /** Runs with a slot. Error: `ERR_SERVER_BUSY` after 10 s in line, before anything of the body is read. */
  async use<T>(connectorId: string, work: () => Promise<T>): Promise<T> {
    const one = this.#ofOne.get(connectorId) ?? { slots: new BodySlots(ONE_MAX), users: 0 };
    this.#ofOne.set(connectorId, one);
    one.users += 1;
    try {
      return await one.slots.use(() => this.#all.use(work));
    } finally {
      one.users -= 1;
      if (one.users === 0) this.#ofOne.delete(connectorId);
    }
  }
}
