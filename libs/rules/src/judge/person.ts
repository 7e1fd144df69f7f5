import { domainOf } from '#lib/core';
import type { BranchRecipient, Ending, FactRecord, Outcome } from '../types.js';
import { addressesIn, type JudgedRecipient } from './read-fact.js';
import type { Addition, Look } from './look.js';

/** Why no more rules are asked for a recipient. */
export type EndReason = 'stopped' | 'parked' | 'held';

export interface PersonOutcome {
  readonly outcome: Outcome;
  readonly reason?: string;
}

/** A recipient while rules are judged: of the envelope, or added by a rule. */
export interface Person extends JudgedRecipient {
  readonly index: number;
  readonly origin: 'envelope' | 'added';
  /** Index of the rule that added it, -1 for the envelope: what rules up to that one write is in its look already. */
  readonly addedBy: number;
  /** Its mail goes to others instead: rules go on being asked for it, and it gets nothing. */
  isRedirected: boolean;
  /** Index of the rule after which judging goes on: up to it nothing parks or ends. -1: from the first. */
  readonly resumesAfter: number;
  /** A person released its copy unprotected: it is never held, rules that fail count as not matched. */
  readonly isUnprotected: boolean;
  /** How the message looks to this recipient after the rules so far. */
  look: Look;
  /** Looks that it has had, each with the index of the rule that made it, which saw the one before; -1 for the first. */
  readonly looks: { readonly after: number; readonly look: Look }[];
  ended: EndReason | null;
  /** Index of the last rule that was asked for it, once the rules have ended. */
  endedAt: number;
  ending: Ending;
  /** By index of the rule. */
  readonly outcomes: Map<number, PersonOutcome>;
  /** Ids of enforced rules that matched. */
  readonly rules: string[];
}

/** More than a message can have: a look's number times this, plus a person's, is one number for both. */
export const PEOPLE_MAX = 1 << 24;

const DELIVER: Ending = { type: 'deliver' };

/** How the message looked to a recipient when the rule at this index was asked, or would have been. */
export function lookAt({ looks, look }: Person, rule: number): Look {
  return looks.findLast(({ after }) => after < rule)?.look ?? look;
}

/** Every recipient of the run, in the order of the envelope, then in the order in which rules added them. */
export class People {
  readonly all: Person[] = [];
  readonly #byAddress = new Map<string, Person>();

  constructor(
    private readonly record: FactRecord,
    received: Look,
    private readonly ruleIndexOf: (id: string) => number,
  ) {
    for (const { resumeAfterRule, isUnprotected = false, ...recipient } of record.recipients) {
      if (this.#byAddress.has(recipient.address)) continue;
      this.#add({
        ...recipient,
        origin: 'envelope',
        addedBy: -1,
        resumesAfter: this.#resumesAfter(resumeAfterRule),
        isUnprotected,
        look: received,
      });
    }
  }

  find(address: string): Person | undefined {
    return this.#byAddress.get(address);
  }

  /** The rule at `addedBy` adds it. */
  addOne({ address, as }: Addition, addedBy: number, look: Look): Person {
    const { keysOfAdded, resumeOfAdded = {}, unprotectedAdded = [] } = this.record;
    return this.#add({
      address,
      displayName: undefined,
      in: this.#placeOf(address, as, look),
      keys: Object.hasOwn(keysOfAdded, address) ? (keysOfAdded[address] ?? []) : [],
      origin: 'added',
      addedBy,
      resumesAfter: this.#resumesAfter(Object.hasOwn(resumeOfAdded, address) ? resumeOfAdded[address] : undefined),
      isUnprotected: unprotectedAdded.includes(address),
      look,
    });
  }

  #add(
    person: Omit<
      Person,
      'index' | 'domain' | 'isRedirected' | 'looks' | 'ended' | 'endedAt' | 'ending' | 'outcomes' | 'rules'
    >,
  ): Person {
    const whole: Person = {
      ...person,
      index: this.all.length,
      domain: domainOf(person.address),
      isRedirected: false,
      looks: [{ after: -1, look: person.look }],
      ended: null,
      endedAt: Number.POSITIVE_INFINITY,
      ending: DELIVER,
      outcomes: new Map(),
      rules: [],
    };
    this.all.push(whole);
    this.#byAddress.set(whole.address, whole);
    return whole;
  }

  /** Where the header shows an added recipient, whatever it was added as. */
  #placeOf(address: string, as: Addition['as'], look: Look): BranchRecipient['in'] {
    const shows = (field: 'to' | 'cc'): boolean => {
      const addresses = addressesIn(this.record, look, field);
      return Array.isArray(addresses) && (addresses as readonly unknown[]).includes(address);
    };
    if (as === 'to' || shows('to')) return 'to';
    return as === 'cc' || shows('cc') ? 'cc' : 'bcc';
  }

  #resumesAfter(rule: string | undefined): number {
    return rule === undefined ? -1 : this.ruleIndexOf(rule);
  }
}
