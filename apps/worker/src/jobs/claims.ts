import type { Claim, MessageRecord } from '#lib/flow';

/** A claim lasts 5 s; three renewals fit into it, so that one that is lost does no harm. */
const RENEW_MS = 1_500;
/** So long after it was taken or renewed a claim is ours for sure; then a second is left for what was begun. */
const SURE_MS = 4_000;

/** The claims of this process, renewed while they are held. */
export class Claims {
  readonly #held = new Map<string, { readonly claim: Claim; sureUntilMs: number }>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly record: Pick<MessageRecord, 'renew' | 'release'>,
    private readonly onTrouble: (error: unknown) => void,
  ) {}

  get size(): number {
    return this.#held.size;
  }

  /** From now until `drop` or `giveBack`. `takenAtMs`: by `performance.now()`, when it was asked for. */
  hold(claim: Claim, takenAtMs: number): void {
    this.#held.set(claim.claim, { claim, sureUntilMs: takenAtMs + SURE_MS });
    this.#timer ??= setInterval(() => void this.#renew(), RENEW_MS).unref();
  }

  /** The run has settled it. */
  drop({ claim }: Claim): void {
    this.#held.delete(claim);
    if (this.#held.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Whether nobody else can have it, nor will for a second. */
  isSure({ claim }: Pick<Claim, 'claim'>): boolean {
    return performance.now() < (this.#held.get(claim)?.sureUntilMs ?? 0);
  }

  /** For others to take, now. If that fails the claim ends by itself. */
  async giveBack(claim: Claim, dueAt: Date): Promise<void> {
    this.drop(claim);
    try {
      await this.record.release(claim, dueAt);
    } catch (error) {
      this.onTrouble(error);
    }
  }

  /** All that are held. */
  async giveBackAll(dueAt: Date): Promise<void> {
    await Promise.all([...this.#held.values()].map(({ claim }) => this.giveBack(claim, dueAt)));
  }

  async #renew(): Promise<void> {
    for (const [organizationId, held] of Map.groupBy(this.#held.values(), ({ claim }) => claim.organizationId)) {
      try {
        const sureUntilMs = performance.now() + SURE_MS;
        const renewed = new Set(
          await this.record.renew(
            organizationId,
            held.map(({ claim }) => claim),
          ),
        );
        for (const one of held) if (renewed.has(one.claim.claim)) one.sureUntilMs = sureUntilMs;
      } catch (error) {
        this.onTrouble(error);
      }
    }
  }
}
