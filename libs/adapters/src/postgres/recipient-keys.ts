import { checkCertificate, parseCertificates, type CertificateInfo } from '#lib/crypto';
import type { RecipientCertificate, RecipientKeys } from '#lib/flow';
import type { DatabasePool } from './database-pool.js';
import { GroupCommit } from './group-commit.js';
import { prepared } from './statement.js';

/** What certificates are checked against at each use. */
export interface Trust {
  /** Without any, chains are not checked. */
  readonly trustAnchors?: readonly CertificateInfo[];
  readonly intermediates?: readonly CertificateInfo[];
}

interface CertificateRow {
  readonly address: string;
  readonly id: string;
  readonly der: Buffer;
}

/** More certificates of one address than this are not looked at. */
const loadCertificates = prepared<CertificateRow, [organizationId: string, addresses: readonly string[]]>(
  'load_certificates',
  `SELECT g.address, c.id, c.der
     FROM unnest($2::text[]) g (address)
    CROSS JOIN LATERAL (
      SELECT c.id, c.der FROM certificate_address a
        JOIN certificate c ON c.id = a.certificate_id
       WHERE a.organization_id = $1 AND a.address = g.address ORDER BY c.created_at DESC, c.id DESC LIMIT 50) c`,
);

/** Look-ups that meet are one query; what comes of it is checked each time, so a certificate ends when it ends. */
export class PostgresRecipientKeys implements RecipientKeys {
  readonly #lookUps: GroupCommit<readonly string[], Map<string, CertificateRow[]>>;

  constructor(
    pool: DatabasePool,
    private readonly trust: Trust,
  ) {
    this.#lookUps = new GroupCommit({
      write: async (organizationId, calls) => {
        const rows = await pool.one(organizationId, loadCertificates(organizationId, [...new Set(calls.flat())]));
        const byAddress = Map.groupBy(rows, ({ address }) => address);
        return calls.map(() => byAddress);
      },
      rowsOf: (addresses) => addresses.length,
    });
  }

  async usable(
    organizationId: string,
    addresses: readonly string[],
    at: Date,
  ): Promise<readonly RecipientCertificate[]> {
    if (addresses.length === 0) return [];
    const byAddress = await this.#lookUps.run(organizationId, addresses);
    return [...new Set(addresses)].flatMap((address) =>
      (byAddress.get(address) ?? []).filter((row) => this.#isUsable(row, at)),
    );
  }

  #isUsable({ address, der }: CertificateRow, at: Date): boolean {
    try {
      const [info] = parseCertificates(der);
      return info !== undefined && checkCertificate(info, { ...this.trust, at, address }).usable;
    } catch {
      // What cannot be read seals nothing: the recipient has no key by it.
      return false;
    }
  }
}
