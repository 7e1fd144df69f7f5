import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type Generated,
} from 'kysely';
import type { Connection, FlowEvent, Protection, RecipientState } from '#lib/flow';
import type { Rule, RuleSetContent } from '#lib/rules';
import type { MessageStatus } from './stores.js';

/** A rule without what the store gives it, as it is kept in JSON. */
export type RuleContent = Omit<Rule, 'id' | 'version' | 'priority'>;

/** Columns of the tables that queries are built over (db/migrations); the rest is reached by statements in SQL. */
export interface Tables {
  organization: {
    id: string;
    name: string;
    time_zone: Generated<string>;
    partner_domains: Generated<string[]>;
    current_rule_set: string;
  };
  domain: { name: string; organization_id: string; position: number };
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
  rule: RuleTable & { id: string };
  rule_version: RuleTable & { rule_id: string };
  rule_set: { organization_id: string; hash: string; content: RuleSetContent };
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
  message: {
    organization_id: string;
    id: string;
    kind: 'mail' | 'notice';
    status: MessageStatus;
    received_at: Date;
    closed_at: Date | null;
    mail_from: string;
    source: Connection['source'];
    size_bytes: number;
    rule_set: string;
    blob: string;
    wrapped_key: Uint8Array | null;
    sealed_trace: Uint8Array | null;
    sealed_summary: Uint8Array | null;
  };
  recipient: {
    organization_id: string;
    message_id: string;
    n: number;
    address: string;
    origin: 'envelope' | 'added';
    state: RecipientState;
    code: string | null;
    protection: Protection | null;
    rules: string[];
    attempts: number;
    last_attempt_at: Date | null;
    last_reply: string | null;
    received_at: Date;
  };
  message_rule: { organization_id: string; rule_id: string; received_at: Date; message_id: string };
  event: {
    organization_id: string;
    message_id: string;
    id: Generated<number>;
    at: Date;
    type: FlowEvent['type'];
    detail: FlowEvent['detail'];
  };
  outbox: { organization_id: string; id: string; queue: string; tries: number };
}

interface RuleTable {
  organization_id: string;
  version: number;
  priority: number;
  content: RuleContent;
  created_at: Generated<Date>;
  updated_at: Generated<Date>;
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
