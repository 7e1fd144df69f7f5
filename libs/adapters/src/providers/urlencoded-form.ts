import { FormMalformed, gatherText, passOver, type TakeField } from './form-field.js';

const [AMPERSAND, EQUALS, PERCENT, PLUS, SPACE] = [0x26, 0x3d, 0x25, 0x2b, 0x20];
const NAME_BYTES_MAX = 200;
const FIELDS_MAX = 2000;

/**
 * Fields of `application/x-www-form-urlencoded` in their order, their values as bytes, whatever charset they are in.
 * Errors: {@link FormMalformed}, those of the body and of `take`.
 */
export async function readUrlencoded(body: AsyncIterable<Uint8Array>, take: TakeField): Promise<void> {
  const input = new Input(body);
  try {
    for (let count = 0; await input.isMore(); count += 1) {
      if (count === FIELDS_MAX) throw new FormMalformed();
      const name = await gatherText(decoded(input.until(EQUALS, AMPERSAND)), NAME_BYTES_MAX);
      const value = decoded(input.lastStop === EQUALS ? input.until(AMPERSAND) : nothing());
      await take(name, value);
      await passOver(value);
    }
  } finally {
    await input.leave();
  }
}

/** The body, read up to bytes that stop. */
class Input {
  lastStop: number | undefined;
  readonly #source: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array(0);

  constructor(body: AsyncIterable<Uint8Array>) {
    this.#source = body[Symbol.asyncIterator]();
  }

  async isMore(): Promise<boolean> {
    while (this.#chunk.length === 0) {
      const next = await this.#source.next();
      if (next.done === true) return false;
      this.#chunk = next.value;
    }
    return true;
  }

  /** Wants no more of it. */
  async leave(): Promise<void> {
    await this.#source.return?.();
  }

  /** What stands before the first of these bytes, which is left out, or before the end. */
  async *until(...stops: readonly number[]): AsyncGenerator<Uint8Array> {
    this.lastStop = undefined;
    while (await this.isMore()) {
      const found = stops.map((stop) => this.#chunk.indexOf(stop)).filter((at) => at >= 0);
      const at = found.length === 0 ? this.#chunk.length : Math.min(...found);
      const piece = this.#chunk.subarray(0, at);
      this.lastStop = this.#chunk[at];
      this.#chunk = this.#chunk.subarray(at + 1);
      if (piece.length > 0) yield piece;
      if (this.lastStop !== undefined) return;
    }
  }
}

/** `%XX` and `+` become what they stand for. */
async function* decoded(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held = '';
  for await (const piece of source) {
    const bytes = Buffer.allocUnsafe(piece.length);
    let length = 0;
    for (const byte of piece) {
      if (held !== '') {
        held += String.fromCharCode(byte);
        if (held.length < 3) continue;
        if (!/^%[0-9A-Fa-f]{2}$/.test(held)) throw new FormMalformed();
        bytes[length++] = Number.parseInt(held.slice(1), 16);
        held = '';
      } else if (byte === PERCENT) held = '%';
      else bytes[length++] = byte === PLUS ? SPACE : byte;
    }
    if (length > 0) yield bytes.subarray(0, length);
  }
  if (held !== '') throw new FormMalformed();
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  // no value
}
