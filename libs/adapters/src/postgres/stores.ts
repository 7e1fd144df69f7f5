import type { Secret } from '#lib/core';
import type {
  Accepted,
  FlowEvent,
  JudgedMessage,
  Protection,
  QueueName,
  RecipientState,
  MessageSummary,
  MessageTrace,
} from '#lib/flow';
import type { Rule, RuleInput, RuleSetContent } from '#lib/rules';

/** What the processes other than the line ask of the record. Every method acts for one organization (row-level security). */

/** A page of a list, newest first unless said otherwise. `cursor` is opaque; a foreign one gives `ERR_CURSOR_INVALID`. */
export interface PageQuery {
  /** 1 to 200. */
  readonly limit: number;
  readonly cursor: string | null;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

/** `stale`: the version is not the one that is stored; `missing`: no such thing in this organization. */
export type WriteMiss = { readonly kind: 'stale' } | { readonly kind: 'missing' };

export const SCOPES = [
  'rules:read',
  'rules:write',
  'messages:read',
  'messages:content',
  'messages:send',
  'messages:act',
  'messages:override',
  'keys:read',
  'keys:write',
  'connectors:write',
  'queues',
  'admin',
] as const;

export type Scope = (typeof SCOPES)[number];

export interface Organization {
  readonly id: string;
  readonly name: string;
  readonly acceptedDomains: readonly string[];
  readonly partnerDomains: readonly string[];
  readonly timeZone: string;
  /** As it is told: `SEALFLOW_POSTMASTER`, else `postmaster@` the first accepted domain. */
  readonly postmaster: string;
}

export interface OrganizationStore {
  /** Whether there is any organization yet: keys of the instance may be made only before. */
  hasAny(): Promise<boolean>;
  /** Makes the first organization with its first key, once, also when several processes start together; later calls do nothing, but for a key and domains where it has none yet. */
  bootstrap(input: { readonly domains: readonly string[]; readonly apiKey: Secret | undefined }): Promise<void>;
  /** The domains of the first organization, in their order. */
  firstDomains(): Promise<readonly string[]>;
  load(organizationId: string): Promise<Organization | undefined>;
  /** The organization that accepts mail for a domain (A-labels). Asked before the organization is known. */
  findByDomain(domain: string): Promise<string | undefined>;
}

export interface ApiKey {
  readonly id: string;
  readonly organizationId: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: string;
  readonly expiresAt: string | null;
}

export interface ApiKeyStore {
  /** The key behind a bearer token, by the SHA-256 of it; `undefined` if unknown, revoked or expired. Asked before the organization is known. */
  authenticate(token: Secret): Promise<ApiKey | undefined>;
  create(
    organizationId: string,
    input: { readonly name: string; readonly scopes: readonly Scope[]; readonly expiresAt: Date | null },
  ): Promise<{ readonly key: ApiKey; readonly token: Secret }>;
  list(organizationId: string, page: PageQuery): Promise<Page<ApiKey>>;
  /** `false` if there is none, or it is the last one with scope `admin`. */
  revoke(organizationId: string, id: string): Promise<'revoked' | 'missing' | 'last'>;
}

/** A rule as it is stored. */
export interface StoredRule extends Rule {
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** Every write publishes a new rule set in the same transaction; a message accepted after it is pinned to that. */
export interface RuleStore {
  /** By priority. */
  list(organizationId: string, page: PageQuery): Promise<Page<StoredRule>>;
  find(organizationId: string, id: string): Promise<StoredRule | undefined>;
  create(organizationId: string, input: RuleInput): Promise<StoredRule>;
  /** `version`: what If-Match named; `null` for `*`. */
  replace(
    organizationId: string,
    id: string,
    version: number | null,
    input: RuleInput,
  ): Promise<{ readonly kind: 'written'; readonly rule: StoredRule } | WriteMiss>;
  remove(organizationId: string, id: string, version: number | null): Promise<{ readonly kind: 'written' } | WriteMiss>;
  /** All ids in their new order, else `unfit` and nothing is written. */
  reorder(organizationId: string, ids: readonly string[]): Promise<'written' | 'unfit'>;
  /** Newest first; also of a rule that was removed. */
  versions(organizationId: string, id: string, page: PageQuery): Promise<Page<StoredRule>>;
  /** Writes an older version anew, as the newest; `unknownVersion` if the rule never had it. */
  rollback(
    organizationId: string,
    id: string,
    version: number | null,
    toVersion: number,
  ): Promise<{ readonly kind: 'written'; readonly rule: StoredRule } | { readonly kind: 'unknownVersion' } | WriteMiss>;
  /** The rule set of now. */
  current(organizationId: string): Promise<{ readonly hash: string; readonly content: RuleSetContent }>;
}

export type MessageStatus =
  | 'accepted'
  | 'processing'
  | 'held'
  | 'quarantined'
  | 'awaitingApproval'
  | 'delivering'
  | 'delivered'
  | 'partiallyDelivered'
  | 'rejected'
  | 'deleted'
  | 'failed';

export interface MessageListItem {
  readonly id: string;
  readonly status: MessageStatus;
  readonly kind: 'mail' | 'notice';
  readonly mailFrom: string;
  readonly sizeBytes: number;
  readonly receivedAt: string;
  readonly source: string;
  readonly ruleSet: string;
  readonly recipientCount: number;
  /** The first hundred. */
  readonly recipients: readonly {
    readonly address: string;
    readonly state: RecipientState;
    /** Code of a hold. */
    readonly code: string | null;
  }[];
}

export interface MessageDetail extends Omit<MessageListItem, 'recipientCount' | 'recipients'> {
  readonly recipients: readonly {
    readonly address: string;
    readonly origin: 'envelope' | 'added';
    readonly state: RecipientState;
    readonly protection: Protection | null;
    readonly rules: readonly string[];
    /** Code of a hold. */
    readonly code: string | null;
    readonly delivery: {
      readonly attempts: number;
      readonly lastReply: string | null;
      readonly at: string | null;
    } | null;
  }[];
  readonly events: readonly FlowEvent[];
  /** What tells content, opened; `null` if there is none (yet), or its key is destroyed. */
  readonly summary: MessageSummary | null;
  /** Opened; where its key is destroyed the rules with their outcomes, without what explains them. */
  readonly trace: Pick<MessageTrace, 'rules'> | null;
  readonly isContentDestroyed: boolean;
}

export interface MessageFilter {
  readonly status?: MessageStatus;
  readonly mailFrom?: string;
  readonly rcptTo?: string;
  /** Of one of the recipients; of `rcptTo` if that is given. */
  readonly state?: RecipientState;
  /** Id of a rule that matched for one of the recipients. */
  readonly rule?: string;
  readonly since?: Date;
  /** Only these, for the page that shows a job. */
  readonly ids?: readonly string[];
}

export type MessageAct = 'release' | 'reject' | 'retry' | 'rejudge';

export interface MessageActInput {
  readonly act: MessageAct;
  /** Absent: all of the message that the act fits. */
  readonly recipients?: readonly string[];
  /** With `release` only, by a key with `messages:override`: goes in clear, whatever rules ask. */
  readonly unprotected?: { readonly reason: string };
  /** Id of the API key that asks; stands in the event. */
  readonly apiKeyId: string;
}

/**
 * `done`: with the recipients that it was done to, and the queues that are to be told. `unfit`: none of them is in a state
 * that the act fits; nothing was written.
 */
export type MessageActOutcome =
  | {
      readonly kind: 'done';
      readonly recipients: readonly string[];
      readonly enqueue: readonly { readonly queue: QueueName; readonly id: string }[];
    }
  | { readonly kind: 'unfit' }
  | { readonly kind: 'missing' };

export interface MessageStore {
  list(organizationId: string, filter: MessageFilter, page: PageQuery): Promise<Page<MessageListItem>>;
  find(organizationId: string, id: string): Promise<MessageDetail | undefined>;
  act(organizationId: string, id: string, input: MessageActInput): Promise<MessageActOutcome>;
  /** What its explanation stands on. */
  judged(organizationId: string, id: string): Promise<JudgedMessage | undefined>;
  /** What its judging of that number (from 0 on) kept under the message's key; `null` if there is nothing. */
  judgingTrace(organizationId: string, id: string, judging: number): Promise<Uint8Array | null>;
  /** For what shows the received bytes: key and place, `undefined` if unknown or destroyed. */
  content(organizationId: string, id: string): Promise<Pick<Accepted, 'blob' | 'wrappedKey' | 'sizeBytes'> | undefined>;
}

export interface StoredCertificate {
  readonly id: string;
  readonly addresses: readonly string[];
  readonly subject: string;
  readonly issuer: string;
  /** Hex of the SHA-256 of the DER. */
  readonly fingerprint: string;
  readonly serialNumber: string;
  readonly notBefore: string;
  readonly notAfter: string;
  readonly keyType: string;
  readonly keySizeBits: number | null;
  /** `unchecked` without trust anchors; `reason` says why it is what it is. */
  readonly trust: { readonly status: 'trusted' | 'unchecked' | 'untrusted'; readonly reason: string };
  readonly pem: string;
  readonly createdAt: string;
}

export interface CertificateStore {
  /**
   * Takes a checked certificate; the same one again gives the stored one. Copies that were held for want of a key of one
   * of its addresses are due again in the same transaction: `released` names their messages.
   */
  import(
    organizationId: string,
    certificate: { readonly der: Uint8Array; readonly pem: string } & Omit<
      StoredCertificate,
      'id' | 'createdAt' | 'pem'
    >,
  ): Promise<{
    readonly kind: 'created' | 'known';
    readonly certificate: StoredCertificate;
    readonly released: readonly string[];
  }>;
  list(
    organizationId: string,
    filter: { readonly address?: string },
    page: PageQuery,
  ): Promise<Page<StoredCertificate>>;
  find(organizationId: string, id: string): Promise<StoredCertificate | undefined>;
  remove(organizationId: string, id: string): Promise<boolean>;
}

export interface Connector {
  readonly id: string;
  readonly version: number;
  readonly name: string;
  readonly direction: 'in';
  readonly provider: string;
  readonly trusted: boolean;
  readonly enabled: boolean;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** Secrets are sealed by the caller (`Kms.seal`). */
export interface ConnectorStore {
  list(organizationId: string, page: PageQuery): Promise<Page<Connector>>;
  find(organizationId: string, id: string): Promise<Connector | undefined>;
  create(
    organizationId: string,
    input: Pick<Connector, 'name' | 'provider' | 'trusted' | 'enabled'> & { readonly sealedSecret: Uint8Array },
  ): Promise<Connector>;
  replace(
    organizationId: string,
    id: string,
    version: number | null,
    input: Pick<Connector, 'name' | 'trusted' | 'enabled'> & { readonly sealedSecret?: Uint8Array },
  ): Promise<{ readonly kind: 'written'; readonly connector: Connector } | WriteMiss>;
  remove(organizationId: string, id: string, version: number | null): Promise<{ readonly kind: 'written' } | WriteMiss>;
  /** Asked before the organization is known; a disabled one is not found. */
  findForIngest(
    provider: string,
    id: string,
  ): Promise<
    { readonly organizationId: string; readonly connector: Connector; readonly sealedSecret: Uint8Array } | undefined
  >;
}

/** A running process of ours, as it says itself every few seconds; gone ones are forgotten. */
export interface ProcessReport {
  readonly id: string;
  readonly app: 'api' | 'smtp' | 'worker';
  /** Short facts for `/readyz`: `{ relay: 'configured' }`. */
  readonly state: Readonly<Record<string, string | number | boolean>>;
  /** prom-client's `getMetricsAsJSON`, for one `/metrics` over all processes. */
  readonly metrics: unknown;
  readonly ageMs: number;
}

export interface ProcessStore {
  report(process: Omit<ProcessReport, 'ageMs'>): Promise<void>;
  /** Those heard of within the last 15 s. */
  living(): Promise<readonly ProcessReport[]>;
  leave(id: string): Promise<void>;
}

/** What the worker does now and then, over all organizations. */
export interface Housekeeping {
  /** Held copies for which a usable certificate is there by now are made due again; within one pass every few seconds. */
  releaseKeyed(limit: number): Promise<readonly { readonly organizationId: string; readonly id: string }[]>;
  /** Destroys the data keys (and sealed columns) of messages that were finished before `before`; returns how many. */
  destroyContent(before: Date, limit: number): Promise<number>;
  /** Whether any blob of a segment can still be opened; what cannot is removed with its file (`collectSegments`). */
  segmentsInUse(segments: readonly string[]): Promise<ReadonlySet<string>>;
  /** Forgets idempotency keys and provider events past their time. */
  forgetIdempotency(now: Date): Promise<number>;
  /** Forgets entries of lists that nobody refers to and that were last written before `before`; returns how many versions. */
  forgetLists(before: Date): Promise<number>;
  /** Outbox rows by queue and the age of the oldest that waits, for metrics. */
  waiting(): Promise<Readonly<Record<QueueName, { readonly count: number; readonly oldestAgeMs: number }>>>;
  /** Since when the relay was first tried for the copy that waits for it longest; 0 if none does. */
  deferredAgeMs(): Promise<number>;
}
