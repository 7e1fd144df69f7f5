import type { Socket } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { waitFor } from './wait-for.js';

/** A message as it arrived: bytes behind the removal of dot-stuffing. */
export interface Arrived {
  readonly mailFrom: string;
  readonly rcptTo: readonly string[];
  readonly raw: Buffer;
}

/** What a sink may do instead of taking the mail. A number with 4 or 5 in front is a reply; `drop` ends the connection. */
export interface Mischief {
  /** For a recipient; `undefined` takes it. */
  readonly rcpt?: (address: string) => number | undefined;
  /** After the message has come whole; `dropAfter`: it was taken, but the answer is lost. */
  readonly data?: () => number | 'drop' | 'dropAfter' | undefined;
  /** Waits so long before the answer to the message. */
  readonly delayMs?: number;
}

/** An SMTP sink of a test, on a free port of 127.0.0.1. */
export class MailSink {
  readonly arrived: Arrived[] = [];
  mischief: Mischief = {};
  /** Messages that have come whole and are not answered yet. */
  pending = 0;
  /** By the port of the client; a lost connection is made of it. */
  readonly #sockets = new Map<number, Socket>();
  readonly #server: SMTPServer;
  #port = 0;

  private constructor(options: SMTPServerOptions) {
    this.#server = new SMTPServer({
      authOptional: true,
      hideENHANCEDSTATUSCODES: false,
      hideDSN: false,
      disabledCommands: ['STARTTLS'],
      disableReverseLookup: true,
      size: 120_000_000,
      onRcptTo: (address, _session, done) => {
        const reply = this.mischief.rcpt?.(address.address);
        done(reply === undefined ? null : refusal(reply));
      },
      onData: (stream, session, done) => {
        const pieces: Buffer[] = [];
        stream.on('data', (piece: Buffer) => pieces.push(piece));
        stream.on('end', () => {
          const { mailFrom, rcptTo } = session.envelope;
          const message = {
            mailFrom: mailFrom === false ? '' : mailFrom.address,
            rcptTo: rcptTo.map(({ address }) => address),
            raw: Buffer.concat(pieces),
          };
          this.pending += 1;
          setTimeout(() => this.#answer(message, session.remotePort, done), this.mischief.delayMs ?? 0).unref();
        });
      },
      ...options,
    });
    this.#server.on('error', () => undefined);
  }

  static async start(port = 0, options: SMTPServerOptions = {}): Promise<MailSink> {
    const sink = new MailSink(options);
    await sink.#listen(port);
    return sink;
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `smtp://127.0.0.1:${this.#port}?tls=none`;
  }

  /** Messages for one recipient. */
  for(address: string): readonly Arrived[] {
    return this.arrived.filter((one) => one.rcptTo.includes(address));
  }

  /** Waits for so many messages to one recipient (or to anybody). */
  async expect(count: number, address?: string, timeoutMs = 20_000): Promise<readonly Arrived[]> {
    const found = (): readonly Arrived[] => (address === undefined ? this.arrived : this.for(address));
    await waitFor(`${count} messages at the sink`, () => found().length >= count, { timeoutMs });
    return found();
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets.values()) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #answer(message: Arrived, remotePort: number, done: (error?: Error | null) => void): void {
    this.pending -= 1;
    const reply = this.mischief.data?.();
    if (reply === undefined || reply === 'dropAfter') this.arrived.push(message);
    if (reply === 'drop' || reply === 'dropAfter') this.#sockets.get(remotePort)?.destroy();
    else done(reply === undefined ? null : refusal(reply));
  }

  async #listen(port: number): Promise<void> {
    const server = this.#server.listen(port, '127.0.0.1');
    server.on('connection', (socket: Socket) => {
      const key = socket.remotePort ?? 0;
      this.#sockets.set(key, socket);
      socket.once('close', () => this.#sockets.delete(key));
    });
    await waitFor('the sink to listen', () => server.address() !== null);
    const address = server.address();
    this.#port = typeof address === 'object' && address !== null ? address.port : 0;
  }
}

function refusal(code: number): Error {
  return Object.assign(new Error(code < 500 ? 'not now' : 'not here'), { responseCode: code });
}
