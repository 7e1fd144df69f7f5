import type { FactRecord, HeaderEdit, Verdict } from '#lib/rules';
import type { ParsedMail } from '#lib/mail';

/** DSN conditions of RFC 3461: what a recipient's NOTIFY asked for; `null` when it was not given. */
export type Notify = 'NEVER' | readonly ('SUCCESS' | 'FAILURE' | 'DELAY')[] | null;

export interface EnvelopeRecipient {
  /** In the form of `normalizeAddress`. */
  readonly address: string;
  readonly notify: Notify;
  /** ORCPT as given (`rfc822;…`). */
  readonly orcpt: string | null;
  /** The mailbox as it was given, where that differs: local parts keep their case on the wire (RFC 5321 section 2.4). */
  readonly path?: string;
}

/** The envelope (RFC 5321). `mailFrom` is '' for the null sender; its local part may have the case that the sender gave. */
export interface Envelope {
  readonly mailFrom: string;
  readonly rcptTo: readonly EnvelopeRecipient[];
  readonly dsnReturn: 'FULL' | 'HDRS' | null;
  readonly envid: string | null;
}

/** How a message came. Kept with it: verdicts read it. */
export interface Connection {
  readonly source: 'smtp' | 'rest' | 'webhook' | 'system';
  /** May speak for the organization: authenticated, or a trusted network with a MAIL FROM of the organization's, or a trusted connector. */
  readonly isAuthenticated: boolean;
  /** A trusted network handed it in, whoever the sender is: its loop marks count. */
  readonly isTrustedNetwork: boolean;
  readonly ip: string | null;
  readonly helo: string | null;
  readonly isTls: boolean;
  readonly apiKeyId: string | null;
  readonly connectorId: string | null;
}

/** What a door has in hand: an envelope and a stream, nothing durable. */
export interface Incoming {
  readonly organizationId: string;
  readonly envelope: Envelope;
  readonly connection: Connection;
  /** Raw RFC 5322 bytes with CRLF line ends. */
  readonly body: AsyncIterable<Uint8Array>;
  /** `Idempotency-Key` or a provider's event token; with the digest of body and envelope it makes a repeat harmless. */
  readonly idempotency?: { readonly scope: string; readonly key: string };
}

/** A place in the blob store: `segment:offset:length`. Opaque outside of the adapter. */
export type BlobRef = string;

export type RecipientState =
  | 'pending'
  | 'deferred'
  | 'held'
  | 'quarantined'
  | 'awaitingApproval'
  | 'delivered'
  | 'bounced'
  | 'rejected'
  | 'deleted'
  | 'redirected';

export type Protection = 'none' | 'tls' | 'smime' | 'openpgp' | 'portal' | 'pdf';

/** A recipient as the record has it. */
export interface RecipientRecord extends EnvelopeRecipient {
  readonly n: number;
  readonly origin: 'envelope' | 'added';
  readonly state: RecipientState;
  /** Rule after which judging goes on (it was parked by it and then released). */
  readonly resumeAfterRule: string | null;
  /** A person released this copy in clear (`messages:override`). */
  readonly isUnprotected: boolean;
  readonly deliveryId: string | null;
  readonly attempts: number;
  readonly firstAttemptAt: string | null;
}

/** What a worker claims, by the queue whose job it is. */
export type QueueName = 'process' | 'emit' | 'notify';

/** Ours for ever: blob and row are durable. The one type the queue's worker starts from. */
export interface Accepted {
  readonly id: string;
  readonly organizationId: string;
  /** `notice`: a DSN or notice of ours; passes without rules. */
  readonly kind: 'mail' | 'notice';
  readonly envelope: Omit<Envelope, 'rcptTo'>;
  readonly recipients: readonly RecipientRecord[];
  readonly connection: Connection;
  readonly receivedAt: string;
  readonly sizeBytes: number;
  readonly ruleSet: string;
  readonly blob: BlobRef;
  /** The message's data key, wrapped by the organization's key. */
  readonly wrappedKey: Uint8Array;
  /** Whose claim it was loaded by. */
  readonly queue: QueueName;
  /** The claim that it was loaded under; nobody else ever has the same. */
  readonly claim: string;
  /** How often a worker has claimed it. */
  readonly tries: number;
  /** The rule set that judges instead of the pinned one: that of the moment when a person last asked for `rejudge`. */
  readonly rejudgeWith: string | null;
}

declare const step: unique symbol;

/** Facts are known; nothing is judged. */
export interface Parsed {
  readonly [step]: 'parsed';
  readonly accepted: Accepted;
  readonly mail: ParsedMail;
  /** With one valid loop mark of ours from a trusted network: relayed without being judged again. */
  readonly loop: 'none' | 'ours' | 'invalid';
}

/** Every rule has answered for every recipient. */
export interface Judged {
  readonly [step]: 'judged';
  readonly parsed: Parsed;
  /** `null`: passes without rules (a notice of ours, or mail of ours that came back once). */
  readonly facts: FactRecord | null;
  readonly verdict: Verdict | null;
}

/** What to do, decided: each recipient stands in exactly one group or disposition. */
export interface Plan {
  readonly [step]: 'planned';
  readonly accepted: Accepted;
  /** Without its text: that has done its work and does not cross back to the caller of the judge. */
  readonly mail: ParsedMail;
  readonly verdict: Verdict | null;
  readonly groups: readonly PlanGroup[];
  /** Recipients that get nothing now. */
  readonly dispositions: readonly Disposition[];
}

interface PlanGroupBase {
  /** Derived from message and recipients: the delivery's id, the same whenever the plan is made again. */
  readonly deliveryId: string;
  readonly recipients: readonly PlannedRecipient[];
  readonly edits: readonly HeaderEdit[];
}

/** A group that asks for no protection: the only kind that `Clear` is made from. */
export interface ClearGroup extends PlanGroupBase {
  readonly protection: 'none';
  readonly subject: 'keep';
}

export interface SealedGroup extends PlanGroupBase {
  readonly protection: 'smime';
  /** `hide`: the outer Subject is replaced by a constant one. */
  readonly subject: 'keep' | 'hide';
}

/** Recipients that get the same bytes. */
export type PlanGroup = ClearGroup | SealedGroup;

export interface PlannedRecipient {
  readonly address: string;
  readonly origin: 'envelope' | 'added';
  readonly rules: readonly string[];
}

export interface Disposition {
  readonly address: string;
  readonly origin: 'envelope' | 'added';
  readonly rules: readonly string[];
  readonly state: 'held' | 'quarantined' | 'rejected' | 'deleted' | 'redirected';
  /** Error code of a hold, else undefined. */
  readonly code?: string;
  /** Rule that ended or parked it. */
  readonly rule?: string;
  /** What would have protected a copy that is held for want of a key, or since it cannot be sealed. */
  readonly protection?: 'smime';
  /** For `rejected`: the reply of the DSN. */
  readonly reply?: { readonly text: string; readonly enhancedStatusCode: string };
}

interface OutgoingBase {
  readonly deliveryId: string;
  readonly messageId: string;
  readonly organizationId: string;
  readonly mailFrom: string;
  readonly recipients: readonly PlannedRecipient[];
  readonly protection: 'none' | 'smime';
  /** The whole message as it leaves, CRLF; may be opened again for another attempt. */
  readonly open: () => AsyncIterable<Uint8Array>;
  readonly sizeBytes: number;
  readonly has8bit: boolean;
  /** Where the bytes lie, if they had to be made; a clear copy is written only when it must be tried again. */
  readonly blob: BlobRef | null;
}

/** Protected bytes. Only the act step makes one. */
export interface Sealed extends OutgoingBase {
  readonly [step]: 'sealed';
  readonly protection: 'smime';
  readonly blob: BlobRef;
}

/** Unprotected bytes, from a plan that asks for no protection. Only the act step makes one. */
export interface Clear extends OutgoingBase {
  readonly [step]: 'clear';
  readonly protection: 'none';
}

export type Outgoing = Sealed | Clear;

/** What the relay said about one recipient. */
export interface RelayResult {
  readonly address: string;
  readonly outcome: 'delivered' | 'temporary' | 'permanent';
  /** The relay's reply, one line, at most 500 characters; or our own words for a broken connection. */
  readonly reply: string;
  /** The relay offered DSN and was given NOTIFY: it tells the sender of success, we do not (RFC 3461 section 5.2). */
  readonly isDsnPassedOn?: boolean;
}

export interface Emitted {
  readonly [step]: 'emitted';
  readonly outgoing: Outgoing;
  /** One for each recipient of `outgoing`, in its order. */
  readonly results: readonly RelayResult[];
  /** `false`: no relay is configured, so nothing was tried. */
  readonly isAttempted: boolean;
}

type Branded = Parsed | Judged | Plan | Emitted;

/** Brands a value with its step; used by the one step that may make it. `Sealed` and `Clear` cannot be made with it. */
export function brand<T extends Branded>(value: Omit<T, typeof step>): T {
  return value as T;
}
