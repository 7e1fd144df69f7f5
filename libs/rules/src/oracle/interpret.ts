import type {
  Action,
  BranchRecipient,
  Ending,
  FactRecord,
  HeaderEdit,
  Outcome,
  Rule,
  RuleSetContent,
} from '../types.js';
import { every, isError, not, oracleTree, some, type LeafSaid, type Three } from './oracle-conditions.js';
import { oracleManagers, withManagers } from './oracle-directory.js';
import { oracleMarks } from './oracle-marks.js';
import type { Copy } from './oracle-header.js';
import { oracleFact, oracleText, type Viewer, type World } from './oracle-facts.js';

interface Someone extends Viewer {
  readonly origin: 'envelope' | 'added';
  /** Number of the rule that added it, or -1. */
  readonly addedBy: number;
  /** Its mail goes elsewhere. */
  away: boolean;
  /** Number of the rule that parked it before it was released, or -1. */
  readonly released: number;
  /** A person sends it in clear: nothing undecided keeps it. */
  readonly cleared: boolean;
  copy: Copy;
  /** Why rules are no longer asked. */
  over: string | null;
  ending: Ending;
  readonly outcomes: Map<Rule, { readonly outcome: Outcome; readonly reason?: string }>;
  readonly rules: string[];
}

const MARKS = ['classify', 'setSpamScore', 'setImportance'] as const;

/** What the interpreter says: a verdict, with each condition as each recipient met it. */
export interface Interpreted {
  readonly people: readonly {
    readonly recipient: BranchRecipient;
    readonly copy: Pick<Copy, 'edits' | 'protection'>;
    readonly ending: Ending;
    readonly outcomes: readonly { readonly outcome: Outcome; readonly reason?: string }[];
  }[];
  /** By rule: actions that lost against an earlier rule. */
  readonly overruled: readonly (readonly string[])[];
  readonly matched: readonly (readonly string[])[];
  readonly said: readonly (readonly (LeafSaid & { readonly address: string })[])[];
}

/**
 * The rule language, read literally: one rule after the other, each for each branch, everything worked out anew each time.
 * Slow, and the measure that the judge is held to. Takes no prefixes (`Re:`) of the subject.
 */
export function interpret(content: RuleSetContent, record: FactRecord): Interpreted {
  return new Interpreter({ ...content, rules: withManagers(content.rules, record) }, record).run();
}

class Interpreter {
  readonly #people: Someone[];
  readonly #world: World;
  readonly #overruled = new Map<Rule, Set<string>>();
  readonly #matched = new Map<Rule, string[]>();
  readonly #said = new Map<Rule, (LeafSaid & { readonly address: string })[]>();

  constructor(
    private readonly content: RuleSetContent,
    record: FactRecord,
  ) {
    this.#world = { record, settings: content.settings, conditions: content.conditions ?? {} };
    this.#people = record.recipients.map((one) => ({
      ...one,
      origin: 'envelope',
      addedBy: -1,
      away: false,
      released: this.#numberOf(one.resumeAfterRule),
      cleared: one.isUnprotected === true,
      copy: { edits: [], added: [], removed: [], protection: null },
      over: null,
      ending: { type: 'deliver' },
      outcomes: new Map(),
      rules: [],
    }));
  }

  run(): Interpreted {
    for (const rule of this.content.rules) {
      if (this.#sleeps(rule) !== null) continue;
      for (const branch of branches(this.#people)) {
        const before = this.#people.length;
        this.#ask(rule, branch);
        // Point 5: whom the rule added is asked for by every rule so far.
        const fresh = this.#people.slice(before);
        for (const earlier of this.content.rules.slice(0, this.content.rules.indexOf(rule) + 1)) {
          if (this.#sleeps(earlier) === null) for (const part of branches(fresh)) this.#ask(earlier, part);
        }
      }
      if (new Set(this.#people.map(({ copy }) => JSON.stringify(copy))).size > 64) {
        for (const one of this.#people.filter(({ ending, cleared }) => ending.type === 'deliver' && !cleared)) {
          finish(one, 'held', { type: 'hold', rule: null, code: 'ERR_BRANCHES_EXCEEDED' });
        }
      }
    }
    return this.#told();
  }

  #numberOf(id: string | undefined): number {
    return this.content.rules.findIndex((rule) => rule.id === id);
  }

  /** Point 2. */
  #sleeps(rule: Rule): string | null {
    const at = Date.parse(this.#world.record.receivedAt);
    if (!rule.enabled) return 'disabled';
    if (rule.activateAt !== null && at < Date.parse(rule.activateAt)) return 'notActive';
    return rule.expireAt !== null && at >= Date.parse(rule.expireAt) ? 'expired' : null;
  }

  /** Points 3, 9 and 10: one rule, one branch. */
  #ask(rule: Rule, branch: readonly Someone[]): void {
    const number = this.content.rules.indexOf(rule);
    const has = (types: readonly Action['type'][]): boolean => rule.actions.some(({ type }) => types.includes(type));
    const guards = has(['encrypt', 'reject', 'delete', 'quarantine']);
    const writes = has([...MARKS, 'setHeader', 'removeHeader', 'prependSubject', 'replaceSubject']);
    const sends = has(['addRecipient', 'bcc', 'redirect']);
    const asked = branch.filter((one) => guards || one.addedBy === -1 || (number > one.addedBy && (writes || sends)));
    for (const one of branch) if (!asked.includes(one)) one.outcomes.set(rule, { outcome: 'skipped', reason: 'added' });
    const answers = asked.map((one) => {
      const tell = (said: LeafSaid): void => put(this.#said, rule, { ...said, address: one.address });
      const holds = oracleTree(rule.conditions, '/conditions', one, this.#world, tell);
      const excepts =
        rule.exceptions === null ? false : oracleTree(rule.exceptions, '/exceptions', one, this.#world, tell);
      return { one, holds, excepts, matches: every([holds, not(excepts)]) };
    });
    const acting: Someone[] = [];
    for (const { one, holds, excepts, matches } of answers) {
      const isForAll = rule.appliesTo === 'allRecipients';
      const acts: Three = isForAll ? every([some(answers.map((any) => any.matches)), not(excepts)]) : matches;
      const wouldAct: Three = isForAll ? some(answers.map((any) => any.holds)) : holds;
      const unread = this.#cannotWrite(rule, one);
      if (acts === true && unread === null) {
        one.outcomes.set(rule, { outcome: 'matched' });
        acting.push(one);
      } else if (acts === true || isError(acts)) {
        const reason = isError(acts) ? acts.error : (unread ?? '');
        one.outcomes.set(rule, { outcome: 'failed', reason });
        if (rule.mode === 'enforce' && rule.onError === 'hold' && !one.cleared) {
          finish(one, 'held', { type: 'hold', rule: rule.id, code: reason });
        }
      } else if (excepts === true && wouldAct !== false) one.outcomes.set(rule, { outcome: 'excepted' });
      else one.outcomes.set(rule, { outcome: 'notMatched' });
    }
    // A rule that only adds or redirects does so for recipients of the envelope; added ones see it in their copy.
    const idle = guards || writes || acting.some(({ origin }) => origin === 'envelope') ? [] : acting.splice(0);
    for (const one of idle) one.outcomes.set(rule, { outcome: 'skipped', reason: 'added' });
    for (const one of acting) put(this.#matched, rule, one.address);
    if (rule.mode === 'enforce') this.#act(rule, acting);
  }

  #cannotWrite(rule: Rule, one: Someone): string | null {
    if (this.content.rules.indexOf(rule) <= one.addedBy) return null;
    const reads = rule.actions.some(
      (one) => one.type === 'prependSubject' || JSON.stringify(one).includes('{{subject}}'),
    );
    const sends = JSON.stringify(rule.actions).includes('"senderManager"');
    const subject = reads ? oracleFact('subject', {}, one, this.#world) : undefined;
    const managers = sends ? oracleManagers(this.#world.record) : undefined;
    const wrong = [subject, managers].find((any) => typeof any === 'object' && 'errorCode' in any);
    return wrong?.errorCode ?? null;
  }

  /** Points 4 to 8. */
  #act(rule: Rule, acting: readonly Someone[]): void {
    const away = new Set(this.#people.filter((one) => one.away).map(({ address }) => address));
    const ours = acting.filter(({ origin }) => origin === 'envelope');
    const staying = ours.filter((one) => !one.away);
    const wanted: { readonly address: string; readonly as: 'to' | 'cc' | 'bcc'; readonly by: Someone }[] = [];
    const leaving = new Set<Someone>();
    for (const one of acting) {
      one.rules.push(rule.id);
      const lost = (action: Action): void => {
        const pointers = this.#overruled.get(rule) ?? new Set();
        this.#overruled.set(rule, pointers.add(`/actions/${rule.actions.indexOf(action)}`));
      };
      const isLater = this.content.rules.indexOf(rule) > one.addedBy;
      for (const action of isLater ? rule.actions : []) {
        const marks = oracleMarks(action);
        if (marks !== null) {
          const earlier = (name: string): string | undefined => {
            const any = one.copy.edits.find((edit) => 'name' in edit && same(edit.name, name));
            return any === undefined ? undefined : JSON.stringify({ ...any, name: '' });
          };
          const says = (edit: HeaderEdit): string => JSON.stringify({ ...edit, name: '' });
          if (marks.some((edit) => ![undefined, says(edit)].includes(earlier(edit.name)))) lost(action);
          else {
            const fresh = marks.filter((edit) => earlier(edit.name) === undefined);
            one.copy = { ...one.copy, edits: [...one.copy.edits, ...fresh] };
          }
        }
        if (action.type !== 'setHeader' && action.type !== 'removeHeader') continue;
        const isSet = action.type === 'setHeader';
        const edit = isSet ? { ...action, value: oracleText(action.value, one, this.#world) } : { ...action };
        const earlier = one.copy.edits.find((any) => 'name' in any && same(any.name, edit.name));
        if (earlier === undefined) one.copy = { ...one.copy, edits: [...one.copy.edits, edit] };
        else if (JSON.stringify({ ...earlier, name: '' }) !== JSON.stringify({ ...edit, name: '' })) lost(action);
      }
      for (const action of isLater ? rule.actions : []) {
        if (action.type !== 'replaceSubject') continue;
        const received = [this.#world.record.message['subject']].flat().find((line) => typeof line === 'string') ?? '';
        const there = one.copy.edits.find((edit) => edit.type === 'setSubject');
        const asReceived = { ...one, copy: { ...one.copy, edits: [] } };
        const replacement = oracleText(action.text, asReceived, this.#world);
        if (there?.replacement !== undefined) {
          if (there.replacement !== replacement) lost(action);
          continue;
        }
        const tags = there === undefined ? '' : there.text.slice(0, there.text.lastIndexOf(received));
        const others = one.copy.edits.filter((edit) => edit !== there);
        one.copy = {
          ...one.copy,
          edits: [...others, { type: 'setSubject', text: tags + replacement, replacement }],
        };
      }
      for (const action of isLater ? rule.actions : []) {
        if (action.type !== 'prependSubject') continue;
        const subject = oracleFact('subject', {}, one, this.#world);
        const lines = [subject].flat().filter((line) => typeof line === 'string');
        const text = oracleText(action.text, one, this.#world);
        const literal = text.trim().replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
        const begins = new RegExp(`^${literal}(?!(?<=[\\p{L}\\p{N}])[\\p{L}\\p{N}\\p{M}])`, 'iu');
        if (lines.length > 0 && lines.every((line) => begins.test(line.trim()))) continue;
        const first = lines[0] ?? '';
        const there = one.copy.edits.find((edit) => edit.type === 'setSubject');
        const others = one.copy.edits.filter((edit) => edit !== there);
        const after = { type: 'setSubject', text: begins.test(first.trim()) ? first : text + first } as const;
        const { replacement } = there ?? {};
        one.copy = {
          ...one.copy,
          edits: [...others, replacement === undefined ? after : { ...after, replacement }],
        };
      }
      for (const action of rule.actions) {
        if (!isLater || !('addresses' in action) || (action.type !== 'redirect' && ours.length === 0)) continue;
        const open = action.addresses.filter((address) => !away.has(address));
        if (open.length < action.addresses.length) lost(action);
        if (action.type === 'redirect') {
          const getsIt = (address: string): boolean =>
            this.#people.some((any) => any.address === address && any.origin === 'envelope') ||
            one.copy.added.some((any) => any.address === address);
          if (one.away && !open.every(getsIt)) lost(action);
          if (open.length === 0 || staying.length === 0) continue;
          const gone = staying.map(({ address }) => address).filter((address) => !open.includes(address));
          one.copy = { ...one.copy, removed: [...one.copy.removed, ...gone] };
          if (gone.includes(one.address)) leaving.add(one);
        }
        for (const address of open) {
          const as = action.type === 'addRecipient' ? action.as : 'bcc';
          if (one.origin === 'envelope') wanted.push({ address, as, by: one });
          const earlier = one.copy.added.find((any) => any.address === address);
          if (earlier !== undefined) {
            if (earlier.as !== as && action.type !== 'redirect') lost(action);
            continue;
          }
          if (as !== 'bcc' && !this.#standsIn(as, address, one)) {
            one.copy = { ...one.copy, edits: [...one.copy.edits, { type: 'addAddress', field: as, address }] };
          }
          const isThere = this.#people.some((any) => any.address === address && any.origin === 'envelope');
          if (!isThere) one.copy = { ...one.copy, added: [...one.copy.added, { address, as }] };
        }
      }
      for (const action of rule.actions) {
        if (action.type !== 'encrypt') continue;
        const { protection } = one.copy;
        if (protection !== null && protection.onMissingKey !== action.onMissingKey) lost(action);
        one.copy = { ...one.copy, protection: weakenNever(protection, action) };
      }
    }
    for (const { address, as, by } of wanted) {
      const known = this.#people.find((any) => any.address === address);
      if (known === undefined) this.#people.push(this.#newcomer(address, as, by, this.content.rules.indexOf(rule)));
      else if (known.origin === 'added') {
        known.copy = { ...known.copy, protection: weakenNever(known.copy.protection, by.copy.protection) };
      }
    }
    for (const one of acting) {
      one.away ||= leaving.has(one);
      this.#end(rule, one);
    }
  }

  /** Point 6. */
  #end(rule: Rule, one: Someone): void {
    if (this.content.rules.indexOf(rule) <= one.released) return;
    const find = <T extends Action['type']>(type: T): Extract<Action, { type: T }> | undefined =>
      rule.actions.find((action): action is Extract<Action, { type: T }> => action.type === type);
    if (one.away) {
      if (find('stop') !== undefined || rule.stopProcessing) finish(one, 'stopped', { type: 'deliver' });
      return;
    }
    const reject = find('reject');
    if (find('quarantine') !== undefined) finish(one, 'parked', { type: 'quarantine', rule: rule.id });
    else if (reject !== undefined) {
      const text = oracleText(reject.text, one, this.#world);
      finish(one, 'stopped', { ...reject, text, rule: rule.id });
    } else if (find('delete') !== undefined) finish(one, 'stopped', { type: 'delete', rule: rule.id });
    else if (one.origin === 'envelope' && (find('stop') !== undefined || rule.stopProcessing)) {
      finish(one, 'stopped', { type: 'deliver' });
    }
  }

  #standsIn(field: 'to' | 'cc', address: string, one: Someone): boolean {
    const found = oracleFact(field, {}, one, this.#world);
    return Array.isArray(found) && (found as readonly unknown[]).includes(address);
  }

  #newcomer(address: string, as: 'to' | 'cc' | 'bcc', by: Someone, addedBy: number): Someone {
    const shown = (['to', 'cc'] as const).find((field) => as === field || this.#standsIn(field, address, by));
    const { keysOfAdded, resumeOfAdded, unprotectedAdded } = this.#world.record;
    return {
      address,
      displayName: undefined,
      in: shown ?? 'bcc',
      keys: keysOfAdded[address] ?? [],
      origin: 'added',
      addedBy,
      away: false,
      released: this.#numberOf(resumeOfAdded?.[address]),
      cleared: unprotectedAdded?.includes(address) === true,
      copy: by.copy,
      over: null,
      ending: { type: 'deliver' },
      outcomes: new Map(),
      rules: [],
    };
  }

  #told(): Interpreted {
    const { rules } = this.content;
    return {
      people: this.#people.map((one) => ({
        recipient: {
          address: one.address,
          origin: one.away ? 'redirected' : one.origin,
          in: oracleFact('recipient.in', {}, one, this.#world) as BranchRecipient['in'],
          rules: one.rules,
        },
        copy: { edits: one.copy.edits, protection: one.copy.protection },
        ending: one.ending,
        outcomes: rules.map((rule) => {
          const sleeps = this.#sleeps(rule);
          if (sleeps !== null) return { outcome: 'skipped', reason: sleeps };
          return one.outcomes.get(rule) ?? { outcome: 'skipped', reason: String(one.over) };
        }),
      })),
      overruled: rules.map((rule) => [...(this.#overruled.get(rule) ?? [])]),
      matched: rules.map((rule) => this.#matched.get(rule) ?? []),
      said: rules.map((rule) => this.#said.get(rule) ?? []),
    };
  }
}

function branches(people: readonly Someone[]): readonly (readonly Someone[])[] {
  const going = people.filter(({ over }) => over === null);
  return [...new Set(going.map(({ copy }) => JSON.stringify(copy)))].map((look) =>
    going.filter(({ copy }) => JSON.stringify(copy) === look),
  );
}

function finish(one: Someone, over: string, ending: Ending): void {
  one.over = over;
  one.ending = ending;
}

/** Point 7. */
function weakenNever(first: Copy['protection'], second: Copy['protection']): Copy['protection'] {
  if (first === null) return second === null ? null : { ...pick(second) };
  if (second === null) return first;
  return {
    method: [first.method, second.method].includes('smime') ? 'smime' : 'auto',
    onMissingKey: first.onMissingKey,
    subject: [first.subject, second.subject].includes('hide') ? 'hide' : 'keep',
  };
}

function pick({ method, onMissingKey, subject }: NonNullable<Copy['protection']>): NonNullable<Copy['protection']> {
  return { method, onMissingKey, subject };
}

function same(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function put<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  map.set(key, [...(map.get(key) ?? []), value]);
}
