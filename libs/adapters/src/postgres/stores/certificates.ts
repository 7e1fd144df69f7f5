import { isId, newId } from '#lib/core';
import type { Selectable } from 'kysely';
import type { DatabasePool, Send } from '../database-pool.js';
import { idCursor, idOfCursor, pageOf } from '../pages.js';
import { releaseKeyed } from '../record/release-keyed.js';
import { built, prepared } from '../statement.js';
import type { CertificateStore, Page, PageQuery, StoredCertificate } from '../stores.js';
import { sqlOf, type Tables } from '../tables.js';
import type { Drawing } from './drawing.js';

/** Messages that are released in the transaction of an import; the rest follows within seconds (`releaseKeyed`). */
const RELEASED_MAX = 1_000;

type CertificateRow = Omit<Selectable<Tables['certificate']>, 'organization_id' | 'der'>;
type NewCertificate = Parameters<CertificateStore['import']>[1];

const COLUMNS = [
  'id',
  'fingerprint',
  'pem',
  'subject',
  'issuer',
  'serial_number',
  'addresses',
  'not_before',
  'not_after',
  'key_type',
  'key_size_bits',
  'trust_status',
  'trust_reason',
  'created_at',
] as const;

const addAddresses = prepared<never, [organizationId: string, id: string, addresses: readonly string[]]>(
  'add_certificate_addresses',
  `INSERT INTO certificate_address (organization_id, address, certificate_id)
   SELECT $1, address, $2 FROM unnest($3::text[]) address ON CONFLICT DO NOTHING`,
);

export class PostgresCertificates implements CertificateStore {
  constructor(
    private readonly pool: DatabasePool,
    private readonly drawing: Drawing,
  ) {}

  async import(
    organizationId: string,
    certificate: NewCertificate,
  ): Promise<{
    readonly kind: 'created' | 'known';
    readonly certificate: StoredCertificate;
    readonly released: readonly string[];
  }> {
    return await this.pool.transaction(organizationId, async (send) => {
      const [created] = await send(built(this.#insert(organizationId, certificate), 'create_certificate'));
      const row = created ?? (await findByFingerprint(send, organizationId, certificate.fingerprint));
      if (created !== undefined) await send(addAddresses(organizationId, row.id, row.addresses));
      const isUsable = certificate.trust.status !== 'untrusted' && isValid(row, this.drawing.clock.now());
      const released = isUsable ? await releaseKeyed(send, organizationId, row.addresses, RELEASED_MAX) : [];
      return { kind: created === undefined ? 'known' : 'created', certificate: certificateOf(row), released };
    });
  }

  async list(
    organizationId: string,
    filter: { readonly address?: string },
    page: PageQuery,
  ): Promise<Page<StoredCertificate>> {
    let query = sqlOf
      .selectFrom('certificate as c')
      .select(COLUMNS.map((column) => `c.${column}` as const))
      .where('c.organization_id', '=', organizationId);
    if (filter.address !== undefined) {
      const ofAddress = sqlOf
        .selectFrom('certificate_address as a')
        .select('a.certificate_id')
        .where('a.organization_id', '=', organizationId)
        .where('a.address', '=', filter.address);
      query = query.where('c.id', 'in', ofAddress);
    }
    if (page.cursor !== null) query = query.where('c.id', '<', idOfCursor(page.cursor));
    const rows = await this.pool.one(organizationId, built(query.orderBy('c.id', 'desc').limit(page.limit + 1)));
    return pageOf(rows, page, certificateOf, ({ id }) => idCursor(id));
  }

  async find(organizationId: string, id: string): Promise<StoredCertificate | undefined> {
    if (!isId(id)) return undefined;
    const query = sqlOf.selectFrom('certificate').select(COLUMNS).where('id', '=', id);
    const [row] = await this.pool.one(organizationId, built(query, 'find_certificate'));
    return row === undefined ? undefined : certificateOf(row);
  }

  async remove(organizationId: string, id: string): Promise<boolean> {
    if (!isId(id)) return false;
    const query = sqlOf.deleteFrom('certificate').where('id', '=', id).returning('id');
    const rows = await this.pool.one(organizationId, built(query, 'remove_certificate'));
    return rows.length > 0;
  }

  #insert(organizationId: string, certificate: NewCertificate) {
    return sqlOf
      .insertInto('certificate')
      .values({
        organization_id: organizationId,
        id: newId(this.drawing.clock.now().getTime(), this.drawing.random),
        fingerprint: certificate.fingerprint,
        der: Buffer.from(certificate.der),
        pem: certificate.pem,
        subject: certificate.subject,
        issuer: certificate.issuer,
        serial_number: certificate.serialNumber,
        addresses: [...new Set(certificate.addresses)],
        not_before: new Date(certificate.notBefore),
        not_after: new Date(certificate.notAfter),
        key_type: certificate.keyType,
        key_size_bits: certificate.keySizeBits,
        trust_status: certificate.trust.status,
        trust_reason: certificate.trust.reason,
      })
      .onConflict((conflict) => conflict.columns(['organization_id', 'fingerprint']).doNothing())
      .returning(COLUMNS);
  }
}

async function findByFingerprint(send: Send, organizationId: string, fingerprint: string): Promise<CertificateRow> {
  const query = sqlOf
    .selectFrom('certificate')
    .select(COLUMNS)
    .where('organization_id', '=', organizationId)
    .where('fingerprint', '=', fingerprint);
  const [row] = await send(built(query, 'find_certificate_by_fingerprint'));
  if (row === undefined) throw new Error('a certificate went while it was imported');
  return row;
}

function isValid({ not_before: from, not_after: until }: CertificateRow, at: Date): boolean {
  return from <= at && at <= until;
}

function certificateOf(row: CertificateRow): StoredCertificate {
  return {
    id: row.id,
    addresses: row.addresses,
    subject: row.subject,
    issuer: row.issuer,
    fingerprint: row.fingerprint,
    serialNumber: row.serial_number,
    notBefore: row.not_before.toISOString(),
    notAfter: row.not_after.toISOString(),
    keyType: row.key_type,
    keySizeBits: row.key_size_bits,
    trust: { status: row.trust_status, reason: row.trust_reason },
    pem: row.pem,
    createdAt: row.created_at.toISOString(),
  };
}
