import type { CompiledRule, CompiledRuleSet } from '../compile/compile-rule-set.js';
import { isGuard } from '../language/actions.js';
import type { Action, Ending, FactRecord, Rule } from '../types.js';
import type { Answers } from './answers.js';
import type { Asked } from './asked.js';
import { branchesOf, type Branch } from './branch.js';
import { branchOutcomes, isAskedFor, NOT_FOR_ADDED } from './branch-outcomes.js';
import type { Candidates } from './candidates.js';
import { changeLook, filled } from './effects.js';
import { Looks, strongerOf, type Addition, type Look, type LookParts } from './look.js';
import { People, type EndReason, type Person, type PersonOutcome } from './person.js';

/** Branches into which the recipients of a message may part. */
export const BRANCHES_MAX = 64;

/** What is to be told of one rule that was asked, beside the outcomes. */
export interface RuleNotes {
  /** Recipients for whom it was asked, with the look they had then. */
  readonly asked: Asked[];
  /** Recipients for whom it matched. */
  readonly matched: Set<Person>;
  readonly overruled: Set<string>;
}

/**
 * Folds the rules of a set over the branches of one message (rule language, "How a message is judged"). Rules that are no
 * candidates are passed over: they match for nobody and write nothing. One use only: make it, `run` it, then read `people`
 * and `notes`.
 */
export class Fold {
  readonly people: People;
  /** By index of the rule; of those only that were not out of the question for a whole branch. */
  readonly notes = new Map<number, RuleNotes>();
  readonly #asked = new Set<number>();
  /** As they are now; `undefined` where a look or an end has changed. */
  #branches: readonly Branch[] | undefined;
  readonly #looks = new Looks();
  readonly #receivedMs: number;

  constructor(
    private readonly compiled: CompiledRuleSet,
    private readonly record: FactRecord,
    private readonly answers: Answers,
    private readonly candidates: Candidates,
  ) {
    const indexOf = (id: string): number => compiled.rules.findIndex(({ rule }) => rule.id === id);
    this.people = new People(record, this.#looks.received, indexOf);
    this.#receivedMs = Date.parse(record.receivedAt);
  }

  async run(): Promise<void> {
    for (const person of this.people.all) this.candidates.see(person);
    for (const compiled of this.#candidatesFrom(0)) {
      for (const branch of this.#branchesNow()) {
        if (this.#isForNobody(compiled, branch)) continue;
        const added = await this.#judge(compiled, branch);
        await this.#catchUp(added, compiled.index);
      }
      if (this.#branches === undefined) this.#holdTooMany(compiled.index);
    }
  }

  /** Whether the rule was asked for somebody: it was a candidate, and there was somebody. */
  wasAsked({ index }: CompiledRule): boolean {
    return this.#asked.has(index);
  }

  #branchesNow(): readonly Branch[] {
    return (this.#branches ??= branchesOf(this.people.all, this.answers.kinds));
  }

  /** Candidates to ask, those that become some meanwhile too if they come later. */
  *#candidatesFrom(first: number, last = Number.POSITIVE_INFINITY): Generator<CompiledRule> {
    for (let index = this.candidates.next(first); index >= 0; index = this.candidates.next(index + 1)) {
      const compiled = this.compiled.rules[index];
      if (compiled === undefined || index > last) return;
      if (this.idle(compiled) === undefined) yield compiled;
    }
  }

  /** Why a rule is asked for nobody, if it is not. */
  idle({ rule, fromMs, untilMs }: CompiledRule): 'disabled' | 'notActive' | 'expired' | undefined {
    if (!rule.enabled) return 'disabled';
    if (this.#receivedMs < fromMs) return 'notActive';
    return this.#receivedMs >= untilMs ? 'expired' : undefined;
  }

  /** Added recipients are asked for by all rules from the first to the one that added them. */
  async #catchUp(added: readonly Person[], last: number): Promise<void> {
    if (added.length === 0) return;
    for (const person of added) this.candidates.see(person);
    for (const compiled of this.#candidatesFrom(0, last)) {
      for (const branch of branchesOf(added, this.answers.kinds)) {
        if (!this.#isForNobody(compiled, branch)) await this.#judge(compiled, branch);
      }
    }
  }

  /** The quick way to ask a rule: then it ends `notMatched`, which is what the verdict has where nothing is noted. */
  #isForNobody(compiled: CompiledRule, branch: Branch): boolean {
    this.#asked.add(compiled.index);
    return this.answers.isRuledOut(compiled, branch);
  }

  /** Asks a rule for the recipients of one branch and does what it says. Returns whom it added. */
  async #judge(compiled: CompiledRule, branch: Branch): Promise<readonly Person[]> {
    const { index, rule } = compiled;
    const asked: Asked[] = [];
    for (const person of branch.people) {
      if (isAskedFor(compiled, person)) asked.push({ person, look: person.look });
      else person.outcomes.set(index, NOT_FOR_ADDED);
    }
    if (!this.answers.knows(compiled, asked)) await this.#prepareFrom(index);
    const outcomes = branchOutcomes(compiled, asked, this.answers, this.record);
    const notes = this.#notesOf(index);
    notes.asked.push(...asked);
    const matching: Person[] = [];
    asked.forEach(({ person }, n) => {
      const outcome: PersonOutcome = outcomes[n] ?? { outcome: 'failed', reason: 'ERR_ENGINE_FAILED' };
      person.outcomes.set(index, outcome);
      if (outcome.outcome === 'matched') matching.push(person);
      if (outcome.outcome === 'failed' && rule.mode === 'enforce' && rule.onError === 'hold') {
        this.#hold(person, index, rule.id, outcome.reason ?? 'ERR_ENGINE_FAILED');
      }
    });
    for (const person of matching) notes.matched.add(person);
    return rule.mode === 'enforce' ? this.#act(compiled, matching) : [];
  }

  /** Everything that may still be asked, in one run of the engine. */
  async #prepareFrom(index: number): Promise<void> {
    await this.answers.prepare([...this.#candidatesFrom(index)], this.#branchesNow());
  }

  #notesOf(index: number): RuleNotes {
    let notes = this.notes.get(index);
    if (notes === undefined) {
      notes = { asked: [], matched: new Set(), overruled: new Set() };
      this.notes.set(index, notes);
    }
    return notes;
  }

  #act(compiled: CompiledRule, acting: readonly Person[]): readonly Person[] {
    const { index } = compiled;
    const context = { record: this.record, people: this.people, index, acting };
    const notes = this.#notesOf(index);
    const additions: (readonly [Addition, Person])[] = [];
    const redirected = new Set<Person>();
    const worked = new Map<Look, Look>();
    for (const person of acting) {
      const isLikeOthers = compiled.isSameForAll && index > person.addedBy;
      const done = isLikeOthers ? worked.get(person.look) : undefined;
      if (done !== undefined) {
        this.#show(person, done, index);
        continue;
      }
      const changed = changeLook(compiled.effects, person, context);
      for (const pointer of changed.overruled) notes.overruled.add(pointer);
      if (changed.isRedirected) redirected.add(person);
      const look = isSameLook(changed.parts, person.look) ? person.look : this.#looks.of(changed.parts);
      if (isLikeOthers) worked.set(person.look, look);
      this.#show(person, look, index);
      for (const addition of changed.named) additions.push([addition, person]);
    }
    const added = this.#add(additions, index);
    for (const person of acting) {
      person.rules.push(compiled.rule.id);
      person.isRedirected ||= redirected.has(person);
      this.#end(compiled, person);
    }
    return added;
  }

  #show(person: Person, look: Look, after: number): void {
    if (look === person.look) return;
    const isNew = look.factsId !== person.look.factsId;
    this.#setLook(person, look);
    if (!isNew) return;
    person.looks.push({ after, look });
    this.candidates.see(person);
  }

  #setLook(person: Person, look: Look): void {
    person.look = look;
    this.#branches = undefined;
  }

  /** New recipients get the look of the first who adds them, and the protection of all. */
  #add(additions: readonly (readonly [Addition, Person])[], index: number): readonly Person[] {
    const added: Person[] = [];
    for (const [addition, by] of additions) {
      const known = this.people.find(addition.address);
      if (known === undefined) {
        added.push(this.people.addOne(addition, index, by.look));
        this.#branches = undefined;
      } else if (known.origin === 'added') {
        const { edits, added: others, removed, protection } = known.look;
        const stronger = strongerOf(protection, by.look.protection);
        this.#setLook(known, this.#looks.of({ edits, added: others, removed, protection: stronger }));
      }
    }
    return added;
  }

  /**
   * Parks or ends the rules for a recipient, unless it was released from this rule or a later one. What blocks does
   * nothing for a redirected one, which gets nothing; what stops does nothing for an added one.
   */
  #end(compiled: CompiledRule, person: Person): void {
    if (compiled.index <= person.resumesAfter) return;
    const { rule, effects } = compiled;
    const isAdded = person.origin === 'added';
    for (const { action } of effects) {
      const isIdle = isGuard(action.type) ? person.isRedirected : isAdded;
      const ending = isIdle ? undefined : this.#endingBy(action, rule, person);
      if (ending !== undefined) {
        this.#endFor(person, compiled.index, ending.type === 'quarantine' ? 'parked' : 'stopped', ending);
        return;
      }
    }
    if (rule.stopProcessing && !isAdded) this.#endFor(person, compiled.index, 'stopped', { type: 'deliver' });
  }

  #endingBy(action: Action, { id }: Rule, person: Person): Ending | undefined {
    switch (action.type) {
      case 'quarantine':
      case 'delete':
        return { type: action.type, rule: id };
      case 'reject': {
        const { enhancedStatusCode, text } = action;
        return { type: 'reject', rule: id, text: filled(text, person, person.look, this.record), enhancedStatusCode };
      }
      case 'stop':
        return { type: 'deliver' };
      default:
        return undefined;
    }
  }

  /** Branches whose rules have ended count too: whoever would get the message is held. */
  #holdTooMany(index: number): void {
    const { all } = this.people;
    if (new Set(all.map(({ look }) => look)).size <= BRANCHES_MAX) return;
    for (const person of all) {
      if (person.ending.type === 'deliver') this.#hold(person, index, null, 'ERR_BRANCHES_EXCEEDED');
    }
  }

  /** Who was released unprotected goes on: what else rules do holds for that copy too. */
  #hold(person: Person, index: number, rule: string | null, code: string): void {
    if (!person.isUnprotected) this.#endFor(person, index, 'held', { type: 'hold', rule, code });
  }

  #endFor(person: Person, index: number, reason: EndReason, ending: Ending): void {
    person.endedAt = Math.min(person.endedAt, index);
    person.ended = reason;
    person.ending = ending;
    this.#branches = undefined;
  }
}

/** A rule that wrote nothing left the very parts that were there. */
function isSameLook(parts: LookParts, look: Look): boolean {
  return (
    parts.edits === look.edits &&
    parts.added === look.added &&
    parts.removed === look.removed &&
    parts.protection === look.protection
  );
}
