import { domainOf } from '#lib/core';
import type { TextForms } from '../judge/text-forms.js';
import type { Elements } from '../judge/read-fact.js';
import type { Leaf } from '../language/leaf.js';
import { plainDomain, type Scalar } from '../language/targets.js';
import type { Need, NumberOrder } from './need.js';
import type { TextHits } from './text-hits.js';

interface Bound {
  readonly value: number;
  readonly rule: number;
}

/** What the requirements of a rule set need of one fact, so arranged that a value finds the rules whose needs it meets. */
export class FactIndex {
  readonly #all: number[] = [];
  readonly #present: number[] = [];
  readonly #wholes = new Map<string, number[]>();
  readonly #domains = new Map<string, number[]>();
  readonly #needles = new Map<number, number[]>();
  /** `lessThan…` with the largest first, `greaterThan…` with the smallest first. */
  readonly #bounds = new Map<NumberOrder, Bound[]>();

  /** `leaf` is any that reads the fact. */
  constructor(readonly leaf: Leaf) {}

  add(need: Need, rule: number, needleId: (need: Extract<Need, { kind: 'needle' }>) => number): void {
    this.#all.push(rule);
    switch (need.kind) {
      case 'needle':
        put(this.#needles, needleId(need), rule);
        break;
      case 'whole':
        put(this.#wholes, need.text, rule);
        break;
      case 'domain':
        put(this.#domains, need.parent, rule);
        break;
      case 'number':
        if (need.order === 'equal') put(this.#wholes, String(need.value), rule);
        else put(this.#bounds, need.order, { value: need.value, rule });
        break;
      case 'present':
        this.#present.push(rule);
        break;
    }
  }

  /** To be called when all is added. */
  close(): void {
    for (const [order, bounds] of this.#bounds) {
      bounds.sort((a, b) => (order.startsWith('less') ? b.value - a.value : a.value - b.value));
    }
  }

  /** Tells of every rule that has a need which these values meet; of all that have one if the fact is in error. */
  meet(elements: Elements, forms: TextForms, hits: TextHits, tell: (rule: number) => void): void {
    if ('errorCode' in elements) {
      this.#all.forEach(tell);
      return;
    }
    if (elements.items.length > 0) this.#present.forEach(tell);
    for (const item of elements.items) {
      if (typeof item !== 'string') this.#meetScalar(item, tell);
      else if (this.leaf.spec.type !== 'text') this.#meetText(item, forms, hits, tell);
      else for (const reading of forms.readings(item)) this.#meetText(reading, forms, hits, tell);
    }
  }

  #meetScalar(item: Scalar, tell: (rule: number) => void): void {
    this.#wholes.get(String(item))?.forEach(tell);
    for (const [order, bounds] of this.#bounds) {
      for (const { value, rule } of bounds) {
        if (!lies(Number(item), order, value)) break;
        tell(rule);
      }
    }
  }

  #meetText(text: string, forms: TextForms, hits: TextHits, tell: (rule: number) => void): void {
    if (this.#wholes.size > 0) this.#wholes.get(forms.of(text, false))?.forEach(tell);
    if (this.#domains.size > 0) this.#meetDomain(text, tell);
    if (this.#needles.size === 0) return;
    for (const needle of hits.of(text).keys()) this.#needles.get(needle)?.forEach(tell);
  }

  #meetDomain(text: string, tell: (rule: number) => void): void {
    const domain = plainDomain(this.leaf.spec.type === 'address' ? domainOf(text) : text);
    for (let at = 0; at >= 0; at = domain.indexOf('.', at) + 1 || -1)
      this.#domains.get(domain.slice(at))?.forEach(tell);
  }
}

function put<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

function lies(item: number, order: NumberOrder, value: number): boolean {
  switch (order) {
    case 'equal':
      return item === value;
    case 'lessThan':
      return item < value;
    case 'lessThanInclusive':
      return item <= value;
    case 'greaterThan':
      return item > value;
    case 'greaterThanInclusive':
      return item >= value;
  }
}
