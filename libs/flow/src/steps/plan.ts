import { deriveId } from '#lib/core';
import type { MailErrorCode, ParsedMail } from '#lib/mail';
import type { HeaderEdit, VerdictBranch } from '#lib/rules';
import { FlowError } from '../errors.js';
import { IN_NO_HEADER, placesOf } from '../facts.js';
import {
  brand,
  type Accepted,
  type Disposition,
  type Judged,
  type Plan,
  type PlanGroup,
  type PlannedRecipient,
} from '../message.js';

/** RFC 3463 X.7.5: necessary information such as a key was not known. */
const KEY_MISSING_REPLY = {
  text: 'The message has to be encrypted and no usable key of this recipient is known.',
  enhancedStatusCode: '5.7.5',
};

type Ask = VerdictBranch['protection'];
type Ending = VerdictBranch['ending'];

const DELIVER: Ending = { type: 'deliver' };

/**
 * Decides who gets which bytes. Only recipients in state `pending`, and those that rules add now, get anything: each of
 * them stands in exactly one group or disposition. Recipients that the header shows share a copy, whoever stands in no
 * header has one alone. A recipient whose verdict asks for protection is in a clear group only if a person released
 * this copy unprotected; nothing else of the verdict is passed over. Error: `ERR_RECIPIENT_UNJUDGED` (bug), which holds the message.
 */
export function plan(judged: Judged, smimeKeys: readonly string[]): Plan {
  const { accepted, mail } = judged.parsed;
  const records = new Map(accepted.recipients.map((recipient) => [recipient.address, recipient]));
  const keys = new Set(smimeKeys);
  const groups = new Groups(accepted.id);
  const dispositions: Disposition[] = [];
  const answered = new Set<string>();
  for (const branch of judged.verdict?.branches ?? [unjudged(judged)]) {
    for (const one of branch.recipients) {
      const record = records.get(one.address);
      const isUnprotected = record?.isUnprotected === true;
      if (record !== undefined && record.state !== 'pending') continue;
      if (answered.has(one.address)) throw new FlowError('ERR_RECIPIENT_UNJUDGED');
      answered.add(one.address);
      const recipient: PlannedRecipient = {
        address: one.address,
        origin: record?.origin ?? (one.origin === 'added' ? 'added' : 'envelope'),
        rules: one.rules,
      };
      const ask = isUnprotected ? null : branch.protection;
      const disposition =
        // Who is undecided is held, redirected or not: rules after the failed one may add others on its account.
        one.origin === 'redirected' && branch.ending.type !== 'hold'
          ? ({ ...recipient, state: 'redirected' } as const)
          : (endingOf(recipient, branch.ending) ?? strayOf(recipient, ask, mail) ?? keylessOf(recipient, ask, keys));
      if (disposition === undefined) groups.add(recipient, branch.edits, ask, one.in === 'bcc');
      else dispositions.push(disposition);
    }
  }
  for (const { address, origin, state } of accepted.recipients) {
    if (state !== 'pending' || answered.has(address)) continue;
    if (origin === 'envelope') throw new FlowError('ERR_RECIPIENT_UNJUDGED');
    // An earlier rule set added it, the one that judges now does not.
    dispositions.push({ address, origin, rules: [], state: 'deleted' });
  }
  return brand<Plan>({
    accepted,
    mail: { ...mail, body: '' },
    verdict: judged.verdict,
    groups: groups.toPlan(),
    dispositions,
  });
}

/**
 * Of a message that cannot be judged, with the code that it is held with: whom a person released it to unprotected gets
 * it as it is, each alone, since nobody read who stands in its header; the others are held.
 */
export function planUnjudged(accepted: Accepted, mail: ParsedMail, code: string): Plan {
  const groups = new Groups(accepted.id);
  const dispositions: Disposition[] = [];
  for (const { address, origin, state, isUnprotected } of accepted.recipients) {
    if (state !== 'pending') continue;
    if (isUnprotected) groups.add({ address, origin, rules: [] }, [], null, true);
    else dispositions.push({ address, origin, rules: [], state: 'held', code });
  }
  return brand<Plan>({ accepted, mail: { ...mail, body: '' }, verdict: null, groups: groups.toPlan(), dispositions });
}

/** What passes without rules: everybody gets it as it is. */
function unjudged({ parsed }: Judged): VerdictBranch {
  const places = placesOf(parsed.mail);
  const recipients = parsed.accepted.recipients.map(({ address, origin }) => ({
    address,
    origin,
    in: (places.get(address) ?? IN_NO_HEADER).in,
    rules: [],
  }));
  return { recipients, edits: [], protection: null, ending: DELIVER };
}

function endingOf(recipient: PlannedRecipient, ending: Ending): Disposition | undefined {
  switch (ending.type) {
    case 'deliver':
      return undefined;
    case 'reject': {
      const { text, enhancedStatusCode, rule } = ending;
      return { ...recipient, state: 'rejected', rule, reply: { text, enhancedStatusCode } };
    }
    case 'delete':
      return { ...recipient, state: 'deleted', rule: ending.rule };
    case 'quarantine':
      return { ...recipient, state: 'quarantined', rule: ending.rule };
    case 'hold':
      return { ...recipient, state: 'held', code: ending.code, ...(ending.rule === null ? {} : { rule: ending.rule }) };
  }
}

/** What stands among the fields of the header and is none would leave above the sealed body, in clear. */
function strayOf(recipient: PlannedRecipient, ask: Ask, { hasStrayLines }: ParsedMail): Disposition | undefined {
  if (ask === null || !hasStrayLines) return undefined;
  const code: MailErrorCode = 'ERR_MAIL_STRAY_LINES';
  return { ...recipient, state: 'held', code, protection: 'smime' };
}

function keylessOf(recipient: PlannedRecipient, ask: Ask, keys: ReadonlySet<string>): Disposition | undefined {
  if (ask === null || keys.has(recipient.address)) return undefined;
  const missing = { ...recipient, code: 'ERR_KEY_MISSING', protection: 'smime' } as const;
  return ask.onMissingKey === 'reject'
    ? { ...missing, state: 'rejected', reply: KEY_MISSING_REPLY }
    : { ...missing, state: 'held' };
}

interface OpenGroup {
  readonly edits: readonly HeaderEdit[];
  readonly ask: Ask;
  readonly recipients: PlannedRecipient[];
}

/** Gathers recipients that get the same bytes. */
class Groups {
  readonly #messageId: string;
  readonly #groups = new Map<string, OpenGroup>();

  constructor(messageId: string) {
    this.#messageId = messageId;
  }

  add(recipient: PlannedRecipient, edits: readonly HeaderEdit[], ask: Ask, isInNoHeader: boolean): void {
    // `auto` is S/MIME until there is another method, so it makes no difference to the bytes.
    const key = JSON.stringify([ask?.subject ?? null, edits, isInNoHeader ? recipient.address : null]);
    const group = this.#groups.get(key);
    if (group === undefined) this.#groups.set(key, { edits, ask, recipients: [recipient] });
    else group.recipients.push(recipient);
  }

  toPlan(): PlanGroup[] {
    return [...this.#groups.values()].map(({ edits, ask, recipients }) => {
      const look = ask === null ? CLEAR : ({ protection: 'smime', subject: ask.subject } as const);
      const addresses = recipients.map((recipient) => recipient.address).sort();
      const parts = ['copy', look.protection, look.subject, JSON.stringify(edits), ...addresses];
      return { ...look, deliveryId: deriveId(this.#messageId, ...parts), recipients, edits };
    });
  }
}

const CLEAR = { protection: 'none', subject: 'keep' } as const;
