import type { Secret } from '#lib/core';
import type { DirectoryFacts, ListReference, RuleRange, RuleSetContent } from '#lib/rules';
import type {
  Accepted,
  BlobRef,
  Connection,
  Envelope,
  Outgoing,
  Plan,
  Protection,
  QueueName,
  RecipientState,
  RelayResult,
} from './message.js';
import type { FlowEvent } from './events.js';
import type { KeptJudging } from './explanation/kept-judging.js';

/** A message's data key: 32 bytes, and the same wrapped by the organization's key-encryption key. */
export interface DataKey {
  readonly key: Secret<Uint8Array>;
  readonly wrapped: Uint8Array;
}

/** Key-encryption keys (`SEALFLOW_KMS_URL`). Keys of an organization are made at first use, once, also when several processes ask together. */
export interface Kms {
  newDataKey(organizationId: string): Promise<DataKey>;
  openDataKey(organizationId: string, wrapped: Uint8Array): Promise<Secret<Uint8Array>>;
  /** Seals up to 64 KiB under the organization's key (connector secrets, and later private keys). */
  seal(organizationId: string, plain: Uint8Array): Promise<Uint8Array>;
  open(organizationId: string, sealed: Uint8Array): Promise<Secret<Uint8Array>>;
  /** A 32-byte secret of the instance for one purpose (`loop-mark`, `cookie`, `message-id`): HKDF of the instance key. */
  secretFor(purpose: string): Promise<Secret<Uint8Array>>;
}

/** Blobs, each encrypted under its message's data key. */
export interface BlobStore {
  /**
   * Writes a stream; resolves when it is on disk (fdatasync). Blobs up to 256 KiB wait for their neighbours and are
   * appended together; larger ones stream through constant memory. An error of `source` is thrown on, nothing is kept.
   * Errors: `ERR_BLOB_DISK_FULL`, `ERR_BLOB_UNAVAILABLE`, both temporary.
   */
  write(
    key: Secret<Uint8Array>,
    source: AsyncIterable<Uint8Array>,
  ): Promise<{ ref: BlobRef; sizeBytes: number; sha256: string }>;
  /** The bytes written; throws `ERR_BLOB_DAMAGED` (permanent) if one bit differs, `ERR_BLOB_MISSING` if it is gone. */
  read(key: Secret<Uint8Array>, ref: BlobRef): AsyncIterable<Uint8Array>;
}

export interface AcceptInput {
  readonly id: string;
  readonly organizationId: string;
  readonly kind: 'mail' | 'notice';
  readonly envelope: Envelope;
  readonly connection: Connection;
  readonly receivedAt: Date;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly blob: BlobRef;
  readonly wrappedKey: Uint8Array;
  readonly idempotency?: { readonly scope: string; readonly key: string };
  /** Outbox row of `notify` that this message answers; it goes in the same transaction. */
  readonly closesNotify?: string;
}

/** `repeated`: the same idempotency key with the same body and envelope; `conflict`: with another; nothing was written. */
export type AcceptOutcome =
  | { readonly kind: 'accepted'; readonly id: string }
  | { readonly kind: 'repeated'; readonly id: string }
  | { readonly kind: 'conflict' };

/** How a recipient stands after a run. */
export interface RecipientClose {
  readonly address: string;
  readonly origin: 'envelope' | 'added';
  readonly state: RecipientState;
  readonly protection: Protection | null;
  readonly rules: readonly string[] | null;
  readonly code: string | null;
  readonly parkedByRule: string | null;
  readonly deliveryId: string | null;
  /** One line of the relay's, if an attempt was made now. */
  readonly lastReply: string | null;
  readonly attempted: boolean;
}

export interface DeliveryClose {
  readonly id: string;
  readonly blob: BlobRef | null;
  readonly sizeBytes: number;
  readonly protection: 'none' | 'smime';
  readonly has8bit: boolean;
}

/**
 * A person to be told: its id is derived, so that telling is asked for once. `held` and `audited` (a rule on trial that would
 * have acted) are for the postmaster, the others for the sender; a failure that the sender may not hear of (added recipients, a sender who was not authenticated) is for the
 * postmaster as well.
 */
export interface NotifyRequest {
  readonly id: string;
  readonly type: 'failure' | 'delay' | 'success' | 'held' | 'audited';
  readonly recipients: readonly string[];
  /** In the order of `recipients`: the status of RFC 3463 and the reply; for `held` the code of the hold, for `audited` the rule's id. */
  readonly status: readonly { readonly code: string; readonly reply: string }[];
}

/** A row of the outbox, and the claim that a run has on it. Whoever takes the row later has another claim. */
export interface Claim {
  readonly organizationId: string;
  /** Of a message; of a notification for `notify`. */
  readonly id: string;
  readonly queue: QueueName;
  readonly claim: string;
}

/** The record of one run over one message, written in one statement with its neighbours. */
export interface CloseInput {
  readonly id: string;
  readonly organizationId: string;
  /** Whose claim the run had: that row is settled, a run that another queue's claim is held for goes on. */
  readonly queue: QueueName;
  /** The claim of the run; `null`: the row is one that nobody has claimed. */
  readonly claim: string | null;
  readonly recipients: readonly RecipientClose[];
  readonly deliveries: readonly DeliveryClose[];
  readonly events: readonly FlowEvent[];
  /** Those whose id was never there before are kept and told, each with an event `notified` (`{ about, recipients }`). */
  readonly notify: readonly NotifyRequest[];
  /** Sealed with the message's data key; `null` leaves what is there. */
  readonly sealedTrace: Uint8Array | null;
  /** Sealed JSON of `MessageSummary`; `null` leaves what is there. */
  readonly sealedSummary: Uint8Array | null;
  readonly ruleSetUsed: string | null;
  /** How this run judged; one that was kept before it becomes an earlier one. `null`: it judged nothing. */
  readonly judging: KeptJudging | null;
  /** `Accepted.rejudgeWith` of the run: recipients whom it added are judged on with it. */
  readonly rejudgeWith: string | null;
  /** The next time that `emit` must try; `null`: this run leaves nothing to do. */
  readonly emitAt: Date | null;
}

/** A delivery of which some recipients are to be tried again. */
export interface DeferredDelivery {
  readonly id: string;
  readonly blob: BlobRef;
  readonly sizeBytes: number;
  readonly protection: 'none' | 'smime';
  readonly has8bit: boolean;
  readonly addresses: readonly string[];
}

/** PostgreSQL, the record. Calls of one kind that meet are written together; each settles for itself. */
export interface MessageRecord {
  accept(input: AcceptInput): Promise<AcceptOutcome>;
  /** Takes the claim (about 5 s) of those messages of the queue that nobody holds and that are still in the outbox; loads them. */
  claim(queue: 'process' | 'emit', organizationId: string, ids: readonly string[]): Promise<readonly Accepted[]>;
  claimNotify(organizationId: string, ids: readonly string[]): Promise<readonly ClaimedNotify[]>;
  /**
   * Holds claims for another 5 s; called while a run lasts. Gives those that are held: not what was given back, or what
   * somebody else has taken since.
   */
  renew(organizationId: string, claims: readonly Pick<Claim, 'id' | 'claim'>[]): Promise<readonly string[]>;
  /** Gives a claim back, due at the time given; nothing happens if it is lost. */
  release(claim: Claim, dueAt: Date): Promise<void>;
  /**
   * Settles the recipients of the run and its claim. A run that has lost its claim writes only what did leave
   * (`lateClose`), and neither takes nor moves the row of whoever has it now. A recipient without its end keeps the rule set that it was judged
   * with, until a person asks for another one: what that set wants protected stays so when a key comes. One that has its
   * end by now keeps it, unless this run delivered to it. Recipients that became pending meanwhile (a release, a key that came) are due at once.
   */
  close(input: CloseInput): Promise<void>;
  deferred(organizationId: string, id: string): Promise<readonly DeferredDelivery[]>;
  /** Outbox rows that are due, unclaimed and have been waiting: for the sweeper, over all organizations. */
  sweep(
    limit: number,
  ): Promise<readonly { readonly organizationId: string; readonly id: string; readonly queue: QueueName }[]>;
}

export interface ClaimedNotify {
  readonly id: string;
  readonly request: NotifyRequest;
  readonly message: Accepted;
  readonly sealedSummary: Uint8Array | null;
  /** Whether any rule asked for protection: then a DSN does not return the subject. */
  readonly isProtected: boolean;
  readonly postmaster: string;
}

/** The queue: a hint to claim. Losing it loses nothing; the sweeper adds again. */
export interface Queue {
  add(
    queue: QueueName,
    job: { readonly organizationId: string; readonly ids: readonly string[] },
    options?: { readonly delayMs?: number },
  ): Promise<void>;
}

/** Immutable rule sets by hash; cached. */
export interface RuleSets {
  load(organizationId: string, hash: string): Promise<RuleSetContent>;
}

/** A usable certificate: parsed where it is used. */
export interface RecipientCertificate {
  readonly id: string;
  readonly address: string;
  readonly der: Uint8Array;
}

export interface RecipientKeys {
  /** Certificates of the addresses that may be used at `at` (validity, usage, trust as configured), newest first. */
  usable(organizationId: string, addresses: readonly string[], at: Date): Promise<readonly RecipientCertificate[]>;
}

/** People and groups: those that the organization stores here, then those of a directory server of its own. */
export interface Directory {
  /**
   * What is known of addresses, each given in the form of `normalizeAddress`, aliases and addresses of groups among them;
   * all of them stand in the answer. Of an address that is not known `null`. Never rejects for a directory that is away or
   * answers nonsense: those entries are errors (`DirectoryErrorCode`). Rejects where the record is away.
   */
  lookup(organizationId: string, addresses: readonly string[]): Promise<DirectoryFacts>;
}

/** Entries of named lists, packed (`openPackedList` of libs/rules) and immutable, by their hash. */
export interface NamedLists {
  /**
   * The packed entries of lists in memory that threads may share and nobody writes, by the hash of their reference; cached.
   * Entries that are gone or damaged are left out: what asks them is in error, not the message. Rejects where the record
   * is away.
   */
  load(organizationId: string, references: readonly ListReference[]): Promise<ReadonlyMap<string, SharedArrayBuffer>>;
}

/** parse ▶ evaluate ▶ plan in another thread, ended by force when it takes too long (`ERR_JUDGE_TIMEOUT`, invalid). */
export interface Judge {
  judge(request: JudgeRequest): Promise<JudgeAnswer>;
}

/** `wants`: rules ask the directory about addresses of the header of which the request says nothing. `judgeKnowing` answers that. */
export type JudgeAnswer = Judgement | { readonly kind: 'wants'; readonly addresses: readonly string[] };

export interface JudgeRequest {
  readonly accepted: Accepted;
  readonly dataKey: Secret<Uint8Array>;
  readonly ruleSet: { readonly hash: string; readonly content: RuleSetContent };
  /** Addresses (envelope and those that rules may add) that have a usable S/MIME key. */
  readonly smimeKeys: readonly string[];
  /** What the directory says of those addresses that rules ask about; absent where no rule does. */
  readonly directory?: DirectoryFacts;
  /** Packed entries of the named lists of the rule set, by the hash of their reference; shared between threads. */
  readonly lists?: ReadonlyMap<string, SharedArrayBuffer>;
  /** `Kms.secretFor('loop-mark')`: marks of ours are known by it. */
  readonly loopSecret: Secret<Uint8Array>;
  /** The whole message, where the caller has it in hand (small ones, and `evaluate`, which has no blob). */
  readonly raw?: Uint8Array;
  /** The answer of every rule, or of a range of them, is wanted; else the verdict comes with those alone that matched or failed. */
  readonly isExplained?: boolean | RuleRange;
}

/** A plan, or the named reason why this message cannot be judged and is held. */
export type Judgement =
  { readonly kind: 'planned'; readonly plan: Plan } | { readonly kind: 'unjudged'; readonly code: string };

export interface Relay {
  readonly isConfigured: boolean;
  /** One transaction with the relay. Never throws: each recipient has a result. */
  send(
    outgoing: Outgoing,
    options: {
      readonly notify: ReadonlyMap<string, string>;
      /** What RCPT TO says instead of the address, by address. */
      readonly paths: ReadonlyMap<string, string>;
      readonly envelope: Omit<Envelope, 'rcptTo'> & { readonly orcpt: ReadonlyMap<string, string> };
      /** Asked at the last moment, when a connection is there: `false`, and nothing is sent. */
      readonly mayBegin: () => boolean;
    },
  ): Promise<readonly RelayResult[]>;
}
