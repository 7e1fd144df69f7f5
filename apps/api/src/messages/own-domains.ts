import type { Clock } from '#lib/core';
import type { OrganizationStore } from '#lib/adapters';

const FRESH_MS = 2_000;
const ORGANIZATIONS_MAX = 1_000;

/** The accepted domains of organizations, remembered for two seconds: each message that comes in asks. */
export class OwnDomains {
  readonly #known = new Map<string, { readonly untilMs: number; readonly domains: readonly string[] }>();

  constructor(
    private readonly organizations: Pick<OrganizationStore, 'load'>,
    private readonly clock: Clock,
  ) {}

  async of(organizationId: string): Promise<readonly string[]> {
    const nowMs = this.clock.now().getTime();
    const found = this.#known.get(organizationId);
    if (found !== undefined && nowMs < found.untilMs) return found.domains;
    const domains = (await this.organizations.load(organizationId))?.acceptedDomains ?? [];
    if (this.#known.size >= ORGANIZATIONS_MAX) this.#known.clear();
    this.#known.set(organizationId, { untilMs: nowMs + FRESH_MS, domains });
    return domains;
  }
}
