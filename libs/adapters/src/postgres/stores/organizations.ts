import { newId, type Secret } from '#lib/core';
import { hashRuleSet, type RuleSetContent } from '#lib/rules';
import type { DatabasePool } from '../database-pool.js';
import { postmasterOf } from '../postmaster.js';
import { prepared } from '../statement.js';
import { SCOPES, type Organization, type OrganizationStore } from '../stores.js';
import { lockRules, publishRules } from './publish-rules.js';
import { tokenHash, type Drawing } from './drawing.js';

const FIRST_NAME = 'First organization';

const hasAny = prepared<{ has: boolean }, []>('has_any_organization', 'SELECT has_any_organization() AS has');
const findByDomain = prepared<{ id: string | null }, [domain: string]>(
  'organization_of_domain',
  'SELECT organization_of_domain($1) AS id',
);
const bootstrap = prepared<{ has_written: boolean }, readonly unknown[]>(
  'bootstrap_organization',
  'SELECT bootstrap_organization($1, $2, $3, $4, $5, $6, $7, $8) AS has_written',
);
const firstWithoutDomains = prepared<{ id: string | null }, []>(
  'first_without_domains',
  'SELECT first_without_domains() AS id',
);
const giveFirstDomains = prepared<{ has_written: boolean }, [organizationId: string, domains: readonly string[]]>(
  'give_first_domains',
  'SELECT give_first_domains($1, $2) AS has_written',
);
const firstDomains = prepared<{ domains: string[] | null }, []>('first_domains', 'SELECT first_domains() AS domains');
const loadOrganization = prepared<
  { id: string; name: string; partner_domains: string[]; time_zone: string; domains: string[] },
  [id: string]
>(
  'load_organization',
  `SELECT o.id, o.name, o.partner_domains, o.time_zone, ARRAY(SELECT d.name FROM domain d WHERE d.organization_id = o.id ORDER BY d.position) AS domains
     FROM organization o WHERE o.id = $1`,
);

export class PostgresOrganizations implements OrganizationStore {
  constructor(
    private readonly pool: DatabasePool,
    private readonly drawing: Drawing,
    private readonly postmaster: string | undefined,
  ) {}

  async hasAny(): Promise<boolean> {
    const [row] = await this.pool.look(hasAny());
    return row?.has === true;
  }

  async bootstrap(input: { readonly domains: readonly string[]; readonly apiKey: Secret | undefined }): Promise<void> {
    const nowMs = this.drawing.clock.now().getTime();
    const content: RuleSetContent = {
      rules: [],
      settings: { acceptedDomains: input.domains, partnerDomains: [], timeZone: 'UTC' },
    };
    await this.pool.look(
      bootstrap(
        newId(nowMs, this.drawing.random),
        FIRST_NAME,
        [...new Set(input.domains)],
        hashRuleSet(content),
        JSON.stringify(content),
        newId(nowMs, this.drawing.random),
        input.apiKey === undefined ? null : tokenHash(input.apiKey),
        SCOPES,
      ),
    );
    if (input.domains.length > 0) await this.#giveDomains([...new Set(input.domains)]);
  }

  /** To the first organization, if it was begun without any; its rules count with them from then on. */
  async #giveDomains(domains: readonly string[]): Promise<void> {
    const [found] = await this.pool.look(firstWithoutDomains());
    const id = found?.id ?? undefined;
    if (id === undefined) return;
    await this.pool.transaction(id, async (send) => {
      await send(lockRules(id));
      const [given] = await send(giveFirstDomains(id, domains));
      if (given?.has_written === true) await publishRules(send, id);
    });
  }

  async firstDomains(): Promise<readonly string[]> {
    const [row] = await this.pool.look(firstDomains());
    return row?.domains ?? [];
  }

  async load(organizationId: string): Promise<Organization | undefined> {
    const [row] = await this.pool.one(organizationId, loadOrganization(organizationId));
    if (row === undefined) return undefined;
    return {
      id: row.id,
      name: row.name,
      acceptedDomains: row.domains,
      partnerDomains: row.partner_domains,
      timeZone: row.time_zone,
      postmaster: this.postmaster ?? postmasterOf(row.domains[0]),
    };
  }

  async findByDomain(domain: string): Promise<string | undefined> {
    const [row] = await this.pool.look(findByDomain(domain));
    return row?.id ?? undefined;
  }
}
