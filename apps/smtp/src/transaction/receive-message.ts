import type { SMTPServerDataStream } from 'smtp-server';
import { accept, type AcceptPorts, type Incoming } from '#lib/flow';
import { unescapeBareEnds } from '../line-ends/bare-end-escape.js';
import { DoorError } from '../replies/door-error.js';

/** How long a client may be silent within a message that is refused anyway. */
const SILENCE_MS = 10_000;

/**
 * Takes the message in; resolves with its id when it is ours for ever. The stream is not ended by an error: what still
 * comes of the message must be read before the reply (`readToEnd`).
 */
export async function receiveMessage(
  ports: AcceptPorts,
  stream: SMTPServerDataStream,
  incoming: Omit<Incoming, 'body'>,
  limits: { readonly sizeBytesMax: number },
): Promise<string> {
  const body = unescapeBareEnds(wholeMessage(stream), () => new DoorError('ERR_LINE_END_BARE'));
  const outcome = await accept(ports, { ...incoming, body }, limits);
  if (outcome.kind === 'conflict') throw new DoorError('ERR_SMTP_UNEXPECTED');
  return outcome.id;
}

/** The bytes up to the end of data; a connection that is lost before it is an error, never an end, and so is a cut. */
async function* wholeMessage(stream: SMTPServerDataStream): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
  } catch (cause) {
    throw cause instanceof DoorError ? cause : new DoorError('ERR_SMTP_CLIENT_GONE', { cause });
  }
}

/**
 * Reads what is left of a refused message, so that none of it is taken for a command. `false` if that is not worth
 * while: more than `bytesMax` came, or nothing for ten seconds, or the door cut it.
 */
export async function readToEnd(stream: SMTPServerDataStream, bytesMax: number): Promise<boolean> {
  if (stream.readableEnded || stream.destroyed) return !isCut(stream);
  return await new Promise((resolve) => {
    let bytes = 0;
    const settle = (isWhole: boolean): void => {
      clearTimeout(silence);
      stream.off('data', count).off('end', end).off('close', end);
      // Whatever still comes goes nowhere.
      stream.resume();
      resolve(isWhole);
    };
    const count = (piece: Buffer): void => {
      bytes += piece.length;
      silence.refresh();
      if (bytes > bytesMax) settle(false);
    };
    const end = (): void => settle(!isCut(stream));
    const silence = setTimeout(() => settle(false), SILENCE_MS);
    stream.on('data', count).once('end', end).once('close', end);
  });
}

function isCut(stream: SMTPServerDataStream): boolean {
  return stream.errored instanceof DoorError;
}
