/** Takes a field of a form, whose value still comes; what it does not read of it is passed over. */
export type TakeField = (name: string, value: AsyncIterable<Uint8Array>) => Promise<void>;

/** The form is not one. */
export class FormMalformed extends Error {}

/** Reads what nobody read of a value. */
export async function passOver(value: AsyncIterable<Uint8Array>): Promise<void> {
  const rest = value[Symbol.asyncIterator]();
  while ((await rest.next()).done !== true);
}

/** A short value, as text; a longer one is {@link FormMalformed}. */
export async function gatherText(value: AsyncIterable<Uint8Array>, sizeBytesMax: number): Promise<string> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of value) {
    size += piece.length;
    if (size > sizeBytesMax) throw new FormMalformed();
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString();
}
