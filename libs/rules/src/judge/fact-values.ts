import type { Leaf } from '../language/leaf.js';
import type { FactRecord, RuleSettings } from '../types.js';
import type { Look } from './look.js';
import { PEOPLE_MAX, type Person } from './person.js';
import { readFact, type Elements } from './read-fact.js';

export interface FactValueOf {
  /** The same for equal values of a fact. */
  readonly id: number;
  readonly elements: Elements;
}

/** The values of one fact in one run: read once, equal ones told apart from others by a small number. */
class ValuesOfFact {
  /** By the look's `factsId`, the person's index, or both: whatever the fact depends on. */
  readonly #read = new Map<number, FactValueOf>();
  /** By the one text that they have; others by their JSON. */
  readonly #byText = new Map<string, FactValueOf>();
  readonly #byJson = new Map<string, FactValueOf>();
  readonly #distinct: FactValueOf[] = [];

  of(dependsOn: number, isShort: boolean, read: () => Elements): FactValueOf {
    let value = this.#read.get(dependsOn);
    if (value === undefined) {
      const elements = read();
      value = isShort ? this.#shortOne(elements) : this.#longOne(elements);
      this.#read.set(dependsOn, value);
    }
    return value;
  }

  /** Facts of recipients are short, and there may be a thousand of them. */
  #shortOne(elements: Elements): FactValueOf {
    const [only] = 'items' in elements && elements.items.length === 1 ? elements.items : [];
    const [known, text] = typeof only === 'string' ? [this.#byText, only] : [this.#byJson, JSON.stringify(elements)];
    let value = known.get(text);
    if (value === undefined) {
      value = { id: this.#byText.size + this.#byJson.size, elements };
      known.set(text, value);
    }
    return value;
  }

  /** Facts of the message may be long, and there are as many as looks. */
  #longOne(elements: Elements): FactValueOf {
    const known = this.#distinct.find((one) => isSame(one.elements, elements));
    if (known !== undefined) return known;
    const value = { id: this.#distinct.length, elements };
    this.#distinct.push(value);
    return value;
  }
}

function isSame(one: Elements, other: Elements): boolean {
  if ('errorCode' in one) return 'errorCode' in other && one.errorCode === other.errorCode;
  if ('errorCode' in other || one.items.length !== other.items.length) return false;
  return one.items.every((item, index) => item === other.items[index]);
}

/** The values of all facts in one run. */
export class FactValues {
  readonly #facts = new Map<string, ValuesOfFact>();

  constructor(
    private readonly record: FactRecord,
    private readonly settings: RuleSettings,
  ) {}

  of(leaf: Leaf, look: Look, recipient: Person): FactValueOf {
    const { spec, factKey } = leaf;
    let fact = this.#facts.get(factKey);
    if (fact === undefined) {
      fact = new ValuesOfFact();
      this.#facts.set(factKey, fact);
    }
    const ofLook = spec.isWritable ? look.factsId : 0;
    const dependsOn = spec.isOfRecipient ? ofLook * PEOPLE_MAX + recipient.index : ofLook;
    const { record, settings } = this;
    return fact.of(dependsOn, spec.isOfRecipient, () => readFact(leaf, { record, settings, look, recipient }));
  }
}
