interface Kept<T> {
  readonly value: Promise<T | undefined>;
  /** 0 until it is there. */
  size: number;
}

/** What never changes and takes time to load: loaded once, however many ask at a time; what was used last is kept. */
export class KeptBySize<T> {
  readonly #kept = new Map<string, Kept<T>>();

  /** `sizeMax`: of all that is kept together; the newest one stays however large it is. */
  constructor(private readonly sizeMax: number) {}

  /** Errors: those of `load`. Neither an error nor `undefined` is kept: the next one who asks has it loaded again. */
  async get(
    key: string,
    load: () => Promise<{ readonly value: T; readonly size: number } | undefined>,
  ): Promise<T | undefined> {
    const kept = this.#kept.get(key) ?? this.#load(key, load);
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    try {
      const value = await kept.value;
      if (value === undefined) this.#forget(key, kept);
      return value;
    } catch (error) {
      this.#forget(key, kept);
      throw error;
    }
  }

  #load(key: string, load: () => Promise<{ readonly value: T; readonly size: number } | undefined>): Kept<T> {
    const run = async (): Promise<T | undefined> => {
      const loaded = await load();
      kept.size = loaded?.size ?? 0;
      this.#shrink(key);
      return loaded?.value;
    };
    const kept: Kept<T> = { size: 0, value: Promise.resolve().then(run) };
    return kept;
  }

  #forget(key: string, kept: Kept<T>): void {
    if (this.#kept.get(key) === kept) this.#kept.delete(key);
  }

  #shrink(newest: string): void {
    let size = 0;
    for (const kept of this.#kept.values()) size += kept.size;
    for (const [key, kept] of this.#kept) {
      if (size <= this.sizeMax) return;
      if (key === newest || kept.size === 0) continue;
      this.#kept.delete(key);
      size -= kept.size;
    }
  }
}
