import type { Json, Path, Problems } from './problems.js';

/** Reads properties of one object, each with its default; every one that is wrong becomes a problem and gives the default. */
export class PropertyReader {
  constructor(
    private readonly object: Json,
    private readonly path: Path,
    readonly problems: Problems,
  ) {}

  /** One of a few words; `later` are words of the language that are not supported yet. */
  word<T extends string>(name: string, words: readonly T[], fallback: T, later: readonly string[] = []): T {
    const value = this.object[name];
    if (value === undefined) return fallback;
    const found = words.find((word) => word === value);
    if (found !== undefined) return found;
    if (later.some((word) => word === value))
      this.#unsupported(name, `not there yet; supported now: ${words.join(', ')}`);
    else this.invalid(name, `one of ${words.join(', ')}`);
    return fallback;
  }

  /** One of a few words, without which nothing can be done. */
  neededWord<T extends string>(name: string, words: readonly [T, ...T[]]): T {
    if (this.object[name] === undefined) this.#missing(name);
    return this.word(name, words, words[0]);
  }

  /** A number between `-max` and `max` with at most three decimals; needed. */
  decimal(name: string, max: number): number {
    const value = this.object[name];
    if (value === undefined) this.#missing(name);
    else if (typeof value === 'number' && Math.abs(value) <= max && Number(value.toFixed(3)) === value)
      return value + 0;
    else this.invalid(name, `a number from -${max} to ${max} with at most three decimals`);
    return 0;
  }

  flag(name: string, fallback: boolean): boolean {
    const value = this.object[name];
    if (value === undefined || typeof value === 'boolean') return value ?? fallback;
    this.invalid(name, 'true or false');
    return fallback;
  }

  /** One line of text, or with `isProse` several. `fallback` absent: the property is required. */
  text(
    name: string,
    options: { charsMax: number; fallback?: string; isProse?: boolean; mayBeEmpty?: boolean },
  ): string {
    const { charsMax, fallback, isProse = false, mayBeEmpty = false } = options;
    const value = this.object[name];
    if (value === undefined) {
      if (fallback === undefined) this.#missing(name);
      return fallback ?? '';
    }
    const problem = textProblem(value, charsMax, isProse, mayBeEmpty);
    if (problem === undefined) return value as string;
    this.invalid(name, problem);
    return fallback ?? '';
  }

  /** A property of the language that may only have this one value (or be absent) until more is supported. */
  only(name: string, value: unknown, sentence: string): void {
    const given = this.object[name];
    if (given !== undefined && given !== value) this.#unsupported(name, sentence);
  }

  invalid(name: string, message: string): void {
    this.problems.add([...this.path, name], 'ERR_VALUE_INVALID', message);
  }

  #missing(name: string): void {
    this.problems.add([...this.path, name], 'ERR_PROPERTY_MISSING', `"${name}" is needed`);
  }

  #unsupported(name: string, message: string): void {
    this.problems.add([...this.path, name], 'ERR_VALUE_UNSUPPORTED', message);
  }
}

function textProblem(value: unknown, charsMax: number, isProse: boolean, mayBeEmpty: boolean): string | undefined {
  if (typeof value !== 'string') return 'a text';
  if (!mayBeEmpty && value.trim() === '') return 'a text that is not empty';
  if (value.length > charsMax) return `at most ${charsMax} characters`;
  if (!value.isWellFormed()) return 'well-formed Unicode';
  const controls = isProse ? /[^\P{Cc}\n\r\t]/u : /[\p{Cc}\u2028\u2029]/u;
  if (controls.test(value)) return isProse ? 'without control characters' : 'one line without control characters';
  return undefined;
}
