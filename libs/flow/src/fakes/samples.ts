import type { ParsedMail } from '#lib/mail';
import type { BranchRecipient, Verdict, VerdictBranch } from '#lib/rules';
import {
  brand,
  type Accepted,
  type Connection,
  type Envelope,
  type Judged,
  type Parsed,
  type RecipientRecord,
} from '../message.js';

/** What a test says of an accepted message. */
export interface SampleOptions {
  readonly id?: string;
  readonly kind?: 'mail' | 'notice';
  readonly rcptTo?: readonly (string | (Partial<RecipientRecord> & { readonly address: string }))[];
  readonly connection?: Partial<Connection>;
  readonly envelope?: Partial<Envelope>;
  readonly tries?: number;
}

/** An accepted message for tests of single steps. */
export function acceptedOf(given: SampleOptions = {}): Accepted {
  return {
    id: given.id ?? '00000000-0000-8000-8000-00000000000a',
    organizationId: '00000000-0000-8000-8000-000000000001',
    kind: given.kind ?? 'mail',
    envelope: { mailFrom: 'sue@example.com', dsnReturn: null, envid: null, ...given.envelope },
    recipients: (given.rcptTo ?? ['ann@customer.example']).map((one, n) => ({
      n,
      notify: null,
      orcpt: null,
      origin: 'envelope',
      state: 'pending',
      resumeAfterRule: null,
      isUnprotected: false,
      deliveryId: null,
      attempts: 0,
      firstAttemptAt: null,
      ...(typeof one === 'string' ? { address: one } : one),
    })),
    connection: {
      source: 'smtp',
      isAuthenticated: true,
      isTrustedNetwork: true,
      ip: '192.0.2.1',
      helo: 'client.example.com',
      isTls: true,
      apiKeyId: null,
      connectorId: null,
      ...given.connection,
    },
    receivedAt: '2026-11-24T12:00:00.000Z',
    sizeBytes: 100,
    ruleSet: 'a-hash',
    blob: 'memory:0:100',
    wrappedKey: new Uint8Array(32),
    queue: 'process',
    claim: 'a claim',
    tries: given.tries ?? 1,
    rejudgeWith: null,
  };
}

export function mailOf(given: Partial<ParsedMail> = {}): ParsedMail {
  return {
    headers: [],
    subject: 'Hello',
    from: [{ address: 'sue@example.com', displayName: 'Sue' }],
    to: [],
    cc: [],
    messageId: '<1@example.com>',
    date: undefined,
    body: 'Hello',
    gaps: [],
    charsets: [],
    links: null,
    unreadableFields: [],
    attachments: [],
    hasUnreadableNames: false,
    types: [],
    importance: 'normal',
    headerSizeBytes: 50,
    sizeBytes: 100,
    bodySha256: '00'.repeat(32),
    headerSha256: '11'.repeat(32),
    hasStrayLines: false,
    receivedCount: 0,
    loopMarks: [],
    loopIds: [],
    has8bit: false,
    ...given,
  };
}

export function branchOf(
  recipients: readonly (string | (Partial<BranchRecipient> & { readonly address: string }))[],
  given: Partial<VerdictBranch> = {},
): VerdictBranch {
  const places = recipients.map((one) => (typeof one === 'string' ? { address: one } : one));
  return {
    recipients: places.map((one) => ({ origin: 'envelope', in: 'to', rules: [], ...one })),
    edits: [],
    protection: null,
    ending: { type: 'deliver' },
    ...given,
  };
}

export const ENCRYPT: VerdictBranch['protection'] = { method: 'auto', onMissingKey: 'hold', subject: 'keep' };

export function judgedOf(accepted: Accepted, branches: readonly VerdictBranch[] | null, mail = mailOf()): Judged {
  const kept = { people: [] };
  const verdict: Verdict | null =
    branches === null ? null : { ruleSet: 'a-hash', rules: [], audits: [], branches, kept };
  const parsed = brand<Parsed>({ accepted, mail, loop: 'none' });
  return brand<Judged>({ parsed, facts: null, verdict });
}
