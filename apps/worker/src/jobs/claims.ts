import type { MessageRecord, QueueName } from '#lib/flow';

/** A claim lasts 5 s; three renewals fit into it, so that one that is lost does no harm. */
const RENEW_MS = 1_500;

/** A row of the outbox that this process holds. */
export interface Claim {
  readonly queue: QueueName;
  readonly organizationId: string;
  readonly id: string;
}

/** The claims of this process, renewed while they are held. */
export class Claims {
  readonly #held = new Set<Claim>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly record: Pick<MessageRecord, 'renew' | 'release'>,
    private readonly onTrouble: (error: unknown) => void,
  ) {}

  get size(): number {
    return this.#held.size;
  }

  /** From now until `drop` or `giveBack`. */
  hold(claim: Claim): void {
    this.#held.add(claim);
    this.#timer ??= setInterval(() => void this.#renew(), RENEW_MS).unref();
  }

  /** The run has settled it. */
  drop(claim: Claim): void {
    this.#held.delete(claim);
    if (this.#held.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** For others to take, now. If that fails the claim ends by itself. */
  async giveBack(claim: Claim, dueAt: Date): Promise<void> {
    this.drop(claim);
    try {
      await this.record.release(claim.queue, claim.organizationId, claim.id, dueAt);
    } catch (error) {
      this.onTrouble(error);
    }
  }

  /** All that are held. */
  async giveBackAll(dueAt: Date): Promise<void> {
    await Promise.all([...this.#held].map((claim) => this.giveBack(claim, dueAt)));
  }

  async #renew(): Promise<void> {
    for (const [organizationId, claims] of Map.groupBy(this.#held, (claim) => claim.organizationId)) {
      try {
        await this.record.renew(organizationId, [...new Set(claims.map(({ id }) => id))]);
      } catch (error) {
        this.onTrouble(error);
      }
    }
  }
}
