import { Busboy, type BusboyInstance } from '@fastify/busboy';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { FormMalformed, passOver, type TakeField } from './form-field.js';

const PARTS_MAX = 2000;
const HEADER_BYTES_MAX = 16 * 1024;

/**
 * Fields of `multipart/form-data` (RFC 7578) in their order, each as a stream of bytes, whatever charset it is in.
 * Errors: {@link FormMalformed}, those of the body and of `take`.
 */
export async function readMultipart(
  body: AsyncIterable<Uint8Array>,
  contentType: string,
  take: TakeField,
): Promise<void> {
  const form = openForm(contentType);
  const open = new Set<Readable>();
  let failure: unknown;
  let taking = Promise.resolve();
  const fail = (error: unknown): void => {
    failure ??= error;
    form.destroy();
    // The parser leaves its parts open when it is destroyed.
    for (const value of open) value.destroy();
  };
  form.on('partsLimit', () => fail(new FormMalformed()));
  form.on('file', (name: string | undefined, value: Readable) => {
    // The parser says of a part that it does not end, maybe before anybody reads it.
    value.on('error', () => {
      failure ??= new FormMalformed();
    });
    open.add(value);
    taking = taking.then(() => takePart(name ?? '', value, take)).then(() => void open.delete(value), fail);
  });
  const watched = (async function* () {
    try {
      yield* body;
    } catch (error) {
      failure ??= error;
      throw error;
    }
  })();
  await pipeline(Readable.from(watched, { objectMode: false }), form).catch(() => fail(new FormMalformed()));
  await taking;
  if (failure !== undefined) throw failure as Error;
}

async function takePart(name: string, value: Readable, take: TakeField): Promise<void> {
  await take(name, value);
  if (!value.readableEnded) await passOver(value);
}

/** Every part is a file to it: files stream, and their bytes stay what they are. */
function openForm(contentType: string): BusboyInstance {
  try {
    return new Busboy({
      headers: { 'content-type': contentType },
      isPartAFile: () => true,
      limits: { parts: PARTS_MAX, headerSize: HEADER_BYTES_MAX, headerPairs: 100 },
    });
  } catch {
    throw new FormMalformed();
  }
}
