import type { HeaderEdit, Protection } from '../types.js';

/** A recipient that rules added. */
export interface Addition {
  readonly address: string;
  readonly as: 'to' | 'cc' | 'bcc';
}

/** How the message looks to some recipients after the rules so far. Recipients with one look are a branch. */
export interface Look {
  /** Small number; two looks are alike if and only if it is the same. */
  readonly id: number;
  /** The same for looks that differ in protection only: what facts can see. */
  readonly factsId: number;
  readonly edits: readonly HeaderEdit[];
  readonly added: readonly Addition[];
  /** Envelope recipients whom a rule redirected away in this branch. */
  readonly removed: readonly string[];
  readonly protection: Protection | null;
}

export type LookParts = Omit<Look, 'id' | 'factsId'>;

/** All looks of one run: alike parts give the same object, so that branches part and meet by identity. */
export class Looks {
  readonly #looks = new Map<string, Look>();
  readonly #facts = new Map<string, number>();
  readonly received: Look;

  constructor() {
    this.received = this.of({ edits: [], added: [], removed: [], protection: null });
  }

  of(parts: LookParts): Look {
    const facts = JSON.stringify([parts.edits, parts.added, parts.removed]);
    const key = `${facts}${JSON.stringify(parts.protection)}`;
    let look = this.#looks.get(key);
    if (look === undefined) {
      const factsId = this.#facts.get(facts) ?? this.#facts.size;
      this.#facts.set(facts, factsId);
      look = { ...parts, id: this.#looks.size, factsId };
      this.#looks.set(key, look);
    }
    return look;
  }
}

/** Two protections become the one that weakens neither. */
export function strongerOf(first: Protection | null, second: Protection | null): Protection | null {
  if (first === null || second === null) return first ?? second;
  return {
    method: first.method === 'smime' || second.method === 'smime' ? 'smime' : 'auto',
    onMissingKey: first.onMissingKey,
    subject: first.subject === 'hide' || second.subject === 'hide' ? 'hide' : 'keep',
  };
}
