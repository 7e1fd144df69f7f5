import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type Generated,
} from 'kysely';
import type { Rule } from '#lib/rules';

/** A rule without what the store gives it, as it is kept in JSON. */
export type RuleContent = Omit<Rule, 'id' | 'version' | 'priority'>;

/** Columns of the tables that queries are built over (db/migrations); the rest is reached by statements in SQL. */
export interface Tables {
  api_key: {
    organization_id: string;
    id: string;
    name: string;
    hash: Uint8Array;
    scopes: string[];
    created_at: Generated<Date>;
    expires_at: Date | null;
    revoked_at: Generated<Date | null>;
  };
  certificate: {
    organization_id: string;
    id: string;
    fingerprint: string;
    der: Uint8Array;
    pem: string;
    subject: string;
    issuer: string;
    serial_number: string;
    addresses: string[];
    not_before: Date;
    not_after: Date;
    key_type: string;
    key_size_bits: number | null;
    trust_status: 'trusted' | 'unchecked' | 'untrusted';
    trust_reason: string;
    created_at: Generated<Date>;
  };
  certificate_address: { organization_id: string; address: string; certificate_id: string };
  connector: {
    organization_id: string;
    id: string;
    version: number;
    name: string;
    direction: 'in';
    provider: string;
    trusted: boolean;
    enabled: boolean;
    sealed_secret: Uint8Array;
    created_at: Generated<Date>;
    updated_at: Generated<Date>;
  };
}

/** Builds queries; `DatabasePool` runs them. */
export const sqlOf = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
});
