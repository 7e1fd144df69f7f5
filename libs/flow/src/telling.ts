import { deriveId } from '#lib/core';
import type { Accepted, Notify, RecipientRecord } from './message.js';
import type { NotifyRequest } from './ports.js';

/** More recipients than this without a key in one run, and the postmaster has one notice about all of them. */
const NOTICES_MAX = 10;

/** What became of a recipient that somebody may have to be told. */
export interface Fate {
  readonly address: string;
  readonly origin: 'envelope' | 'added';
  /** Status of RFC 3463, or the code of a hold. */
  readonly status: string;
  readonly reply: string;
}

/** Somebody may be told about mail, nobody about our own notices: they would go round. */
function isMail(accepted: Accepted): boolean {
  return accepted.kind === 'mail';
}

/** Only a sender who was authenticated or trusted gets DSNs (no backscatter), and never the null sender. */
export function maySenderKnow(accepted: Accepted): boolean {
  return isMail(accepted) && accepted.envelope.mailFrom !== '' && accepted.connection.isAuthenticated;
}

/** RFC 3461 section 4.1: what is not said means failure, and delay as we see fit. */
function isWanted(notify: Notify, condition: 'SUCCESS' | 'FAILURE' | 'DELAY'): boolean {
  if (notify === 'NEVER') return false;
  return notify === null ? condition !== 'SUCCESS' : notify.includes(condition);
}

/**
 * Who is to be told what, after one run. Ids are derived, so that asking twice tells once. Recipients whom rules added
 * are never named to the sender; where mail to them is lost the postmaster hears of it.
 */
export class Telling {
  readonly #accepted: Accepted;
  readonly #records: ReadonlyMap<string, RecipientRecord>;

  constructor(accepted: Accepted) {
    this.#accepted = accepted;
    this.#records = new Map(accepted.recipients.map((recipient) => [recipient.address, recipient]));
  }

  /** Refused by the relay, or given up: the sender, else the postmaster. */
  undelivered(fates: readonly Fate[]): NotifyRequest[] {
    const others = fates.filter((fate) => !this.#isForSender(fate) && this.#notifyOf(fate) !== 'NEVER');
    return [...this.#toSender('failure', fates, 'FAILURE'), ...this.#toPostmaster('undelivered', others)];
  }

  /** Rejected by a rule: the sender; to others it is recorded only. Lost by an added recipient: the postmaster. */
  rejected(fates: readonly Fate[]): NotifyRequest[] {
    const added = fates.filter((fate) => fate.origin === 'added');
    return [...this.#toSender('failure', fates, 'FAILURE'), ...this.#toPostmaster('undelivered', added)];
  }

  /** The relay took it and does not tell the sender itself. */
  relayed(fates: readonly Fate[]): NotifyRequest[] {
    return this.#toSender('success', fates, 'SUCCESS');
  }

  /** Late: once for a delivery. */
  delayed(deliveryId: string, fates: readonly Fate[]): NotifyRequest[] {
    const id = deriveId(deliveryId, 'notify', 'delay');
    return this.#toSender('delay', fates, 'DELAY').map((request) => ({ ...request, id }));
  }

  /** Held recipients: the postmaster, once for each of them. */
  held(fates: readonly Fate[]): NotifyRequest[] {
    if (fates.length > NOTICES_MAX) return this.#toPostmaster('held', fates);
    return fates.flatMap((fate) => this.#toPostmaster('held', [fate]));
  }

  /** Held for a reason that is of the whole message: the postmaster, once for each reason, however many of them are tried again. */
  heldWhole(fates: readonly Fate[]): NotifyRequest[] {
    return [...Map.groupBy(fates, ({ status }) => status)].flatMap(([code, held]) => {
      const id = deriveId(this.#accepted.id, 'notify', 'held whole', code);
      return this.#toPostmaster('held', held).map((request) => ({ ...request, id }));
    });
  }

  /** A rule in the mode `auditAndNotify` would have acted for these recipients: the postmaster, once for each rule. */
  audited(rule: string, recipients: readonly string[]): NotifyRequest[] {
    if (!isMail(this.#accepted)) return [];
    const status = recipients.map(() => ({ code: rule, reply: '' }));
    return [{ id: deriveId(this.#accepted.id, 'notify', 'audited', rule), type: 'audited', recipients, status }];
  }

  #toSender(
    type: 'failure' | 'delay' | 'success',
    fates: readonly Fate[],
    condition: 'SUCCESS' | 'FAILURE' | 'DELAY',
  ): NotifyRequest[] {
    const told = fates.filter((fate) => this.#isForSender(fate) && isWanted(this.#notifyOf(fate), condition));
    return told.length === 0 ? [] : [this.#request(type, type, told)];
  }

  #toPostmaster(why: 'held' | 'undelivered', fates: readonly Fate[]): NotifyRequest[] {
    const type = why === 'held' ? 'held' : 'failure';
    return fates.length === 0 || !isMail(this.#accepted) ? [] : [this.#request(type, why, fates)];
  }

  #isForSender(fate: Fate): boolean {
    return fate.origin === 'envelope' && maySenderKnow(this.#accepted);
  }

  #notifyOf(fate: Fate): Notify {
    return this.#records.get(fate.address)?.notify ?? null;
  }

  #request(type: NotifyRequest['type'], why: string, fates: readonly Fate[]): NotifyRequest {
    const recipients = fates.map((fate) => fate.address);
    return {
      id: deriveId(this.#accepted.id, 'notify', why, ...[...recipients].sort()),
      type,
      recipients,
      status: fates.map(({ status, reply }) => ({ code: status, reply })),
    };
  }
}
