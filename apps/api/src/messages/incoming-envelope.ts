import { addressesOfHeader, canonicalizeLineEnds, splitMessage } from '#lib/mail';
import { RECIPIENTS_MAX } from '../rules/evaluate.dto.js';
import { invalid, type RequestProblem } from '../problem/api-error.js';

export interface AskedEnvelope {
  readonly mailFrom?: string | undefined;
  readonly rcptTo?: readonly string[] | undefined;
}

export interface IncomingEnvelope {
  readonly mailFrom: string;
  readonly rcptTo: readonly string[];
  /** The whole message again, still a stream. */
  readonly body: AsyncIterable<Uint8Array>;
}

/**
 * The envelope of a message that comes in by HTTP: as it was asked for, and what is missing from the header, of which only
 * so much is held as the limits of mail allow. The body streams on behind it. Errors: `ERR_REQUEST_INVALID` for an empty
 * body or if there is no address to be found; `ERR_MAIL_HEADER_TOO_LARGE`, `ERR_MAIL_TOO_MANY_FIELDS`,
 * `ERR_MAIL_TOO_MANY_ADDRESSES` where the header had to be read; those of the stream.
 */
export async function incomingEnvelope(
  asked: AskedEnvelope,
  stream: AsyncIterable<Uint8Array>,
): Promise<IncomingEnvelope> {
  const body = await begun(stream);
  const { mailFrom, rcptTo = [] } = asked;
  if (mailFrom !== undefined && rcptTo.length > 0) return { mailFrom, rcptTo, body };
  const { header, body: rest } = await splitMessage(canonicalizeLineEnds(body));
  const [from] = mailFrom === undefined ? addressesOfHeader(header, ['From']) : [mailFrom];
  const to = rcptTo.length > 0 ? rcptTo : addressesOfHeader(header, ['To', 'Cc', 'Bcc']);
  const problems = problemsOf(from, to);
  if (from === undefined || problems.length > 0) throw invalid(...problems);
  return { mailFrom: from, rcptTo: to, body: joined(header.toBytes(), rest) };
}

function problemsOf(from: string | undefined, to: readonly string[]): RequestProblem[] {
  const problems: RequestProblem[] = [];
  if (from === undefined) problems.push(missing('/mailFrom', 'From'));
  if (to.length === 0) problems.push(missing('/rcptTo', 'To, Cc and Bcc'));
  if (to.length > RECIPIENTS_MAX) {
    const message = `at most ${RECIPIENTS_MAX} recipients at once; the header has ${to.length}`;
    problems.push({ pointer: '/rcptTo', code: 'ERR_VALUE_INVALID', message });
  }
  return problems;
}

function missing(pointer: string, fields: string): RequestProblem {
  return { pointer, code: 'ERR_PROPERTY_MISSING', message: `is needed: the message has no address in ${fields}` };
}

/** The same stream, of which the first bytes are known to have come. */
async function begun(stream: AsyncIterable<Uint8Array>): Promise<AsyncIterable<Uint8Array>> {
  const iterator = stream[Symbol.asyncIterator]();
  for (;;) {
    const first = await iterator.next();
    if (first.done === true) {
      throw invalid({ pointer: '', code: 'ERR_VALUE_INVALID', message: 'an empty body is no message' });
    }
    if (first.value.length > 0) return rest(first.value, iterator);
  }
}

async function* rest(first: Uint8Array, iterator: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield first;
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
  } finally {
    await iterator.return?.();
  }
}

async function* joined(header: Uint8Array, body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield header;
  yield* body;
}
