/** A rule as it is stored and shown over REST (contract.md "Rules"); `conditions` and `actions` were validated. */
export interface Rule {
  readonly id: string;
  readonly version: number;
  readonly name: string;
  readonly description: string;
  readonly enabled: boolean;
  readonly mode: RuleMode;
  readonly priority: number;
  readonly conditions: Condition;
  readonly exceptions: Condition | null;
  readonly actions: readonly Action[];
  readonly appliesTo: 'matchingRecipients' | 'allRecipients';
  readonly stopProcessing: boolean;
  readonly onError: 'hold' | 'skip';
  readonly activateAt: string | null;
  readonly expireAt: string | null;
  /** For which share of mail the rule is asked; `null` or absent: for all. */
  readonly rollout?: Rollout | null;
  /** A rule of the operator's: asked before the organization's own. */
  readonly isFloor?: true;
}

/** A rule on trial: always the same senders, or the same messages, however often they are judged. */
export interface Rollout {
  /** 0 to 100. */
  readonly percent: number;
  readonly by: 'sender' | 'message';
  /** Groups and addresses for which it is asked whatever `percent` says. */
  readonly senders: readonly string[];
  /** Shares (0 to 1) of what the rule was asked for or matched; above one of them its mode becomes `audit`. */
  readonly returnToAuditAbove: {
    readonly errorRate: number | null;
    readonly holdRate: number | null;
    readonly bounceRate: number | null;
  } | null;
}

export type RuleMode = 'enforce' | 'audit' | 'auditAndNotify';

export type Condition =
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition }
  | NamedCondition
  | LeafCondition;

/** Stands for the condition of this name in the rule set. */
export interface NamedCondition {
  readonly condition: string;
}

export interface LeafCondition {
  readonly fact: string;
  readonly operator: string;
  readonly value?: unknown;
  readonly params?: Readonly<Record<string, unknown>>;
}

export type Action =
  | EncryptAction
  | { readonly type: 'prependSubject'; readonly text: string }
  | { readonly type: 'replaceSubject'; readonly text: string }
  | { readonly type: 'setHeader'; readonly name: string; readonly value: string }
  | { readonly type: 'removeHeader'; readonly name: string }
  | { readonly type: 'classify'; readonly name: string }
  | { readonly type: 'setSpamScore'; readonly score: number }
  | { readonly type: 'setImportance'; readonly importance: 'low' | 'normal' | 'high' }
  | { readonly type: 'addRecipient'; readonly addresses: readonly string[]; readonly as: 'to' | 'cc' | 'bcc' }
  | { readonly type: 'bcc'; readonly addresses: readonly string[] }
  | { readonly type: 'redirect'; readonly addresses: readonly string[] }
  | { readonly type: 'reject'; readonly text: string; readonly enhancedStatusCode: string }
  | { readonly type: 'delete' }
  | { readonly type: 'quarantine' }
  | { readonly type: 'stop' }
  | { readonly type: 'audit'; readonly severity: 'none' | 'low' | 'medium' | 'high' };

/** `template` is `encrypt-only` and `sign` is false until the portal and signing come; other values are refused when saved. */
export interface EncryptAction {
  readonly type: 'encrypt';
  readonly method: 'auto' | 'smime';
  readonly template: string;
  readonly onMissingKey: 'hold' | 'reject';
  readonly subject: 'keep' | 'hide';
}

/** What changes verdicts besides the rules. Domains in the form of `normalizeDomain`. */
export interface RuleSettings {
  readonly acceptedDomains: readonly string[];
  readonly partnerDomains: readonly string[];
  /** IANA name. */
  readonly timeZone: string;
}

/** A rule as it comes in: without what the store gives it. Without `priority` it goes last. */
export type RuleInput = Omit<Rule, 'id' | 'version' | 'priority'> & { readonly priority?: number };

/** An immutable rule set; its name is `hashRuleSet` over it. Rules in order of priority, disabled ones included. */
export interface RuleSetContent {
  /** The operator's floor rules, then the organization's own. */
  readonly rules: readonly Rule[];
  readonly settings: RuleSettings;
  /** Named conditions that the rules refer to, those that these refer to among them. Absent: none. */
  readonly conditions?: Readonly<Record<string, Condition>>;
  /** Named lists that the rules refer to, each in the version of then. Absent: none. */
  readonly lists?: readonly ListReference[];
}

export type ListType = 'addresses' | 'domains' | 'words' | 'hashes';

/** One version of a named list; its entries lie elsewhere, under the hash. */
export interface ListReference {
  readonly name: string;
  readonly type: ListType;
  readonly version: number;
  readonly count: number;
  /** Hex of the SHA-256 of the packed entries. */
  readonly sha256: string;
}

/** One thing wrong with a rule: where (JSON pointer), which (stable code), and a sentence that says what to do. */
export interface RuleProblem {
  readonly pointer: string;
  readonly code: string;
  readonly message: string;
}

export type FactValue =
  string | number | boolean | readonly string[] | readonly number[] | readonly boolean[] | undefined;
/** A fact that could not be had: an error of the condition that asks for it, never of the run. */
export interface FactError {
  readonly errorCode: string;
}

/** The flat record that rules see: of the received message, before any rule. Plain data. */
export interface FactRecord {
  /** RFC 3339; the clock of judging. */
  readonly receivedAt: string;
  /** Message facts without params by their names in the rule language (`subject`, `body`, `to`, `message.sizeBytes`, …), except those below. Of several Subject lines `subject` has all. */
  readonly message: Readonly<Record<string, FactValue | FactError>>;
  /** Header values by lower-case name, top first. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
  /** Header fields (lower-case names) whose text could not be told, though something stands for it here: facts of it are in error. */
  readonly unreadable?: { readonly fields: readonly string[]; readonly errorCode: string };
  /** Every mailbox of every From line, in order; empty where there is none. */
  readonly headerFrom: readonly SenderFacts[];
  /** `null` for the null sender. */
  readonly envelopeFrom: SenderFacts | null;
  /** The connection authenticated the sender or is trusted to speak for the organization. */
  readonly isAuthenticated: boolean;
  readonly ip: string | null;
  /** The whole envelope, in order. */
  readonly recipients: readonly RecipientFacts[];
  /** Usable keys (`smime`) of addresses that rules may add, by address. */
  readonly keysOfAdded: Readonly<Record<string, readonly string[]>>;
  /** `resumeAfterRule` of recipients that rules added and a rule then parked, by address. */
  readonly resumeOfAdded?: Readonly<Record<string, string>>;
  /** Recipients that rules added and a person then released unprotected. */
  readonly unprotectedAdded?: readonly string[];
  /** What the directory said of the addresses of this message. Absent: nobody asked it. */
  readonly directory?: DirectoryFacts;
  /** What rollouts by message go by: the same whenever the message is judged. */
  readonly messageKey?: string;
}

/** By normalized address, aliases too; of an address that it does not know `null`. An address that stands not here was not asked for. */
export type DirectoryFacts = Readonly<Record<string, DirectoryEntry | FactError | null>>;

/** A person or mailbox as the directory has it. */
export interface DirectoryEntry {
  /** The address that it is known by; the one asked for may be an alias. */
  readonly address: string;
  readonly displayName: string | null;
  /** Normalized address; `null` where it has none. */
  readonly manager: string | null;
  /** Every group that it is in, through other groups too: names and addresses, in lower case. */
  readonly groups: readonly string[];
  /** Values by the attribute's name in lower case. */
  readonly attributes: Readonly<Record<string, readonly string[]>>;
  /** Whether it may ask for protection; `true` unless the directory says otherwise. */
  readonly canEncrypt: boolean;
}

export interface SenderFacts {
  /** `undefined` for a name without an address. */
  readonly address: string | undefined;
  /** `undefined` where the address has none. */
  readonly domain: string | undefined;
  readonly displayName: string | undefined;
}

export interface RecipientFacts {
  readonly address: string;
  readonly displayName: string | undefined;
  readonly in: 'to' | 'cc' | 'bcc';
  readonly keys: readonly string[];
  /** Rule after which judging goes on for this recipient: it was parked by that rule and then released. */
  readonly resumeAfterRule?: string;
  /** A person released this copy unprotected: nothing that is undecided holds it, and a failed rule counts as not matched. */
  readonly isUnprotected?: boolean;
}

export type Outcome = 'matched' | 'notMatched' | 'excepted' | 'skipped' | 'failed';

/** Rules of a set by their indexes: `count` of them from `first` on, as far as there are any. */
export interface RuleRange {
  readonly first: number;
  readonly count: number;
}

/** One condition as it was judged. `recipient` only for conditions about one; a condition of the message stands once. */
export interface ConditionTrace {
  /** JSON pointer from the rule: `/conditions/all/0`; through a named condition `/conditions/all/0/condition/any/1`. */
  readonly path: string;
  readonly fact: string;
  readonly operator: string;
  readonly matched: boolean;
  readonly errorCode?: string;
  readonly recipient?: string;
  /** Words, values or positions that made it true; at most 20, each at most 200 characters. */
  readonly evidence: readonly string[];
}

export interface RuleOutcome {
  readonly id: string;
  readonly index: number;
  readonly name: string;
  readonly mode: RuleMode;
  /** Of the message: matched if matched for one recipient, else failed, excepted, skipped, notMatched in this order. */
  readonly outcome: Outcome;
  /**
   * With `skipped`: `disabled`, `notActive`, `expired`, or why the rules had ended for a recipient: `stopped` (also by
   * reject and delete), `parked`, `held`; or `added`: the recipient was added by a rule, and this rule does nothing for
   * those (which does not count for the message). With `failed`: an error code.
   */
  readonly reason?: string;
  readonly recipients: readonly { readonly address: string; readonly outcome: Outcome; readonly reason?: string }[];
  readonly why: readonly ConditionTrace[];
  /**
   * JSON pointers of conditions, of which one would have to hold for the rule to match; since none did, for nobody, the rule
   * was not asked. Absent on a rule that was asked, or of which no recipient was left.
   */
  readonly unmet?: readonly string[];
  /** JSON pointers of actions that contradicted an earlier rule, which won. Absent if there are none. */
  readonly overruled?: readonly string[];
}

export type HeaderEdit =
  | { readonly type: 'setHeader'; readonly name: string; readonly value: string }
  | { readonly type: 'removeHeader'; readonly name: string }
  /** `replacement`: what a rule put in the place of the received subject, without what rules put before it. */
  | { readonly type: 'setSubject'; readonly text: string; readonly replacement?: string }
  | { readonly type: 'addAddress'; readonly field: 'to' | 'cc'; readonly address: string };

/** What rules ask for one branch: recipients for whom the message looks the same and meets the same end. */
export interface VerdictBranch {
  readonly recipients: readonly BranchRecipient[];
  /** In the order in which they apply to the header of the received message. */
  readonly edits: readonly HeaderEdit[];
  readonly protection: {
    readonly method: 'auto' | 'smime';
    readonly onMissingKey: 'hold' | 'reject';
    readonly subject: 'keep' | 'hide';
  } | null;
  readonly ending: Ending;
}

/** What the rules together ask for: the stronger of two methods, the first `onMissingKey`, `hide` if one says so. */
export interface Protection {
  readonly method: 'auto' | 'smime';
  readonly onMissingKey: 'hold' | 'reject';
  readonly subject: 'keep' | 'hide';
}

export interface BranchRecipient {
  readonly address: string;
  /** `redirected`: an envelope recipient whose mail goes to others instead; it gets nothing, whatever the ending. */
  readonly origin: 'envelope' | 'added' | 'redirected';
  /** Where the header of its copy shows it, after the edits. */
  readonly in: 'to' | 'cc' | 'bcc';
  /** Ids of the rules that matched for this recipient and are enforced. */
  readonly rules: readonly string[];
}

export type Ending =
  | { readonly type: 'deliver' }
  | { readonly type: 'reject'; readonly rule: string; readonly text: string; readonly enhancedStatusCode: string }
  | { readonly type: 'delete'; readonly rule: string }
  | { readonly type: 'quarantine'; readonly rule: string }
  /** A rule failed and says `hold`, or a limit of judging was hit. */
  | { readonly type: 'hold'; readonly rule: string | null; readonly code: string };

/**
 * The answer of the judge. Every rule of the set stands in `rules` (in order of priority; those alone that matched or failed
 * where no more was asked for, or those of the range that was), with every recipient; every recipient stands in exactly one branch. Recipients come in the order of the envelope, then added ones in the order in
 * which rules added them; branches in the order of their first recipient. With `hold`, `edits` and `protection` say what
 * was asked for until then. `why` has at most 100,000 conditions over all rules.
 */
export interface Verdict {
  readonly ruleSet: string;
  readonly rules: readonly RuleOutcome[];
  readonly branches: readonly VerdictBranch[];
  /** `audit` actions and the rules in audit modes that would have acted. */
  readonly audits: readonly {
    readonly rule: string;
    readonly severity: 'none' | 'low' | 'medium' | 'high';
    readonly recipients: readonly string[];
    readonly mode: RuleMode;
  }[];
  /** The outcomes of all rules, whichever stand in `rules`. */
  readonly kept: KeptOutcomes;
}

/**
 * The outcomes of all rules for all recipients of one verdict, in little: plain data without names, addresses of the envelope
 * aside, and without content. With the rule set `restoreOutcomes` gives them back. What is empty is absent.
 */
export interface KeptOutcomes {
  /** Addresses of the recipients, in the order of the verdict; the others here name them by their places in it. */
  readonly people: readonly string[];
  /** The different outcomes, each with its reason behind a space: `matched`, `failed ERR_DIRECTORY_AWAY`. */
  readonly says?: readonly string[];
  /** The different rows: for each recipient the place in `says` as a character ('0' is the first); '-' says that nothing is told. The last goes on. */
  readonly rows?: readonly string[];
  /** Rules of which more is to be told than follows from what is below: index, and place of its row. */
  readonly rules?: readonly (readonly [index: number, row: number])[];
  /** For whom the rules had ended: place, index of the last rule that was asked, and why. */
  readonly ends?: readonly (readonly [place: number, index: number, reason: string])[];
  /** Whom rules added: place, and index of the rule. */
  readonly added?: readonly (readonly [place: number, index: number])[];
  /** From the rule at this index on there was too much to be kept. */
  readonly cutAt?: number;
}
