import { PatternRoom } from '../text/pattern-room.js';
import type { Condition, ListType } from '../types.js';
import { ConditionNames } from './condition-names.js';

/** What a rule may refer to. What is not given is not there: a reference to it is refused. */
export interface RuleContext {
  /** Rules that come together share the room for their patterns. */
  readonly patterns?: PatternRoom;
  /** Named conditions, each of which `validateCondition` let pass. */
  readonly conditions?: Readonly<Record<string, Condition>>;
  /** Named lists, each with its type. */
  readonly lists?: Readonly<Record<string, ListType>>;
}

/** A {@link RuleContext} made ready to look into, for one rule or many. */
export class Known {
  readonly patterns: PatternRoom;
  readonly names: ConditionNames;
  readonly #lists: Readonly<Record<string, ListType>>;

  constructor({ patterns = new PatternRoom(), conditions = {}, lists = {} }: RuleContext = {}) {
    this.patterns = patterns;
    this.names = new ConditionNames(conditions);
    this.#lists = lists;
  }

  listType(name: string): ListType | undefined {
    return Object.hasOwn(this.#lists, name) ? this.#lists[name] : undefined;
  }
}
