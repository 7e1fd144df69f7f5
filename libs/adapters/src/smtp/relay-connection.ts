import type { Readable } from 'node:stream';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { Envelope } from '#lib/flow';
import { connectionOptions, type RelayTimeouts } from './connection-options.js';
import { dsnOfMail, dsnOfRecipient } from './dsn-parameters.js';
import { RelayFailure, relayFailure } from './relay-reply.js';
import { isLoopback, type RelayTarget } from './relay-url.js';

/** One message for up to 100 recipients, as it is said to the relay. */
export interface Transaction {
  readonly mailFrom: string;
  readonly rcptTo: readonly string[];
  readonly sizeBytes: number;
  readonly has8bit: boolean;
  readonly dsn: Pick<Envelope, 'dsnReturn' | 'envid'>;
  readonly notify: ReadonlyMap<string, string>;
  readonly orcpt: ReadonlyMap<string, string>;
}

/** What came of a transaction: refusals by recipient, and the answer that all others share. */
export interface Transmitted {
  readonly refused: ReadonlyMap<string, string>;
  readonly rest: { readonly reply: string } | RelayFailure;
  /** The relay knows the transaction to be over, and takes the next. */
  readonly isReusable: boolean;
  /** Nothing of the message was sent, and no reply came but 421: as if the connection had not been there. */
  readonly isUnheard: boolean;
}

/** What of nodemailer's connection is not in its types; the tests hold the version to it. */
interface Inside {
  _sendCommand(text: string, shown?: string): void;
  _parseEhloExtensions(text: string): void;
  _createSendStream(done: unknown): NodeJS.ReadableStream;
  _supportedExtensions: string[];
  _ehloLines?: readonly string[];
  _maxAllowedSize: number;
}
const OpenConnection = SMTPConnection as unknown as new (
  options: SMTPConnection.Options,
) => Omit<SMTPConnection, keyof Inside> & Inside;

/** A kept connection to the relay: nodemailer's, with what it lacks for a relay. */
export class RelayConnection extends OpenConnection {
  /** Messages that it has carried. */
  messages = 0;
  /** It has been used before, and the relay may have ended it since. */
  isKept = false;
  #hasAskedForTls = false;
  /** Parameters of RFC 3461 for the transaction that runs. */
  #transaction: Transaction | undefined;
  readonly #timeouts: RelayTimeouts;

  private constructor(options: SMTPConnection.Options, timeouts: RelayTimeouts) {
    super(options);
    this.#timeouts = timeouts;
    // Whoever waits for something hears of it there.
    this.on('error', () => undefined);
  }

  /** Connects, encrypts as the target wants, authenticates. Error: {@link RelayFailure}. */
  static async open(target: RelayTarget, name: string, timeouts: RelayTimeouts): Promise<RelayConnection> {
    const options = connectionOptions(target, name, timeouts);
    const first = new RelayConnection(options, timeouts);
    try {
      await first.#establish(target);
      return first;
    } catch (error) {
      if (target.tls !== 'opportunistic' || !first.#hasAskedForTls || first.secure) throw relayFailure(error);
    }
    const plain = new RelayConnection({ ...options, ignoreTLS: true, opportunisticTLS: false }, timeouts);
    await plain.#establish(target).catch((error: unknown) => {
      throw relayFailure(error);
    });
    return plain;
  }

  get isAlive(): boolean {
    return !this.destroyed;
  }

  /** Whether the relay's EHLO had that keyword. */
  offers(keyword: 'DSN' | 'SMTPUTF8'): boolean {
    return this._supportedExtensions.includes(keyword);
  }

  /** Largest message that the relay takes, as it says; 0 if it does not say. */
  get messageSizeBytesMax(): number {
    return this._maxAllowedSize;
  }

  /** One transaction. Does not throw. */
  async transmit(transaction: Transaction, content: Buffer | Readable): Promise<Transmitted> {
    this.#transaction = transaction;
    const envelope: SMTPConnection.Envelope & Heard = {
      from: transaction.mailFrom,
      to: [...transaction.rcptTo],
      size: transaction.sizeBytes,
      use8BitMime: transaction.has8bit,
    };
    try {
      const { response } = await this.#send(envelope, content);
      this.messages += 1;
      return { refused: refusalsOf(envelope), rest: { reply: response }, isReusable: this.isAlive, isUnheard: false };
    } catch (error) {
      return this.#failed(envelope, error);
    } finally {
      this.#transaction = undefined;
      this.#silence(this.#timeouts.commandMs);
    }
  }

  /** Says goodbye and leaves; resolves when the relay knows, or does not want to (1 s). */
  async leave(): Promise<void> {
    const { _socket: socket } = this;
    if (!this.destroyed) this.quit();
    this.close();
    if (socket === false || socket === null || socket.closed) return;
    await new Promise<void>((resolve) => socket.once('close', () => resolve()));
  }

  /** Ends a transaction that was refused, so that the next may begin. */
  async startOver(): Promise<boolean> {
    return new Promise((resolve) => {
      const ended = (): void => resolve(false);
      this.once('end', ended);
      this.reset((error) => {
        this.removeListener('end', ended);
        resolve(error === null);
      });
    });
  }

  override _sendCommand(text: string, shown?: string): void {
    this.#hasAskedForTls ||= text === 'STARTTLS';
    super._sendCommand(
      this.#transaction === undefined || !this.offers('DSN') ? text : text + this.#dsnFor(text),
      shown,
    );
  }

  /** A keyword is the first word of a line; nodemailer looks for it anywhere, in the relay's name too. */
  override _parseEhloExtensions(text: string): void {
    super._parseEhloExtensions(text);
    const offered = new Set((this._ehloLines ?? []).map((line) => line.split(/[ =]/)[0]?.toUpperCase()));
    this._supportedExtensions = this._supportedExtensions.filter((keyword) => offered.has(keyword));
    if (!offered.has('SIZE')) this._maxAllowedSize = 0;
  }

  override _createSendStream(done: unknown): NodeJS.ReadableStream {
    const stream = super._createSendStream(done);
    stream.once('end', () => this.#silence(this.#timeouts.finalMs));
    return stream;
  }

  #dsnFor(command: string): string {
    const transaction = this.#transaction;
    if (transaction === undefined) return '';
    if (command.startsWith('MAIL FROM:<')) return dsnOfMail(transaction.dsn);
    if (!command.startsWith('RCPT TO:<')) return '';
    const address = command.slice('RCPT TO:<'.length, -1);
    return dsnOfRecipient(transaction.notify.get(address), transaction.orcpt.get(address));
  }

  /** How long nothing may come or go before the connection is given up. */
  #silence(timeoutMs: number): void {
    if (this._socket !== false && this._socket !== null && !this.destroyed) this._socket.setTimeout(timeoutMs);
  }

  #establish(target: RelayTarget): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        this.removeListener('error', fail);
        this.removeListener('end', fail);
        act();
      };
      const fail = (error?: Error): void => {
        settle(() => {
          this.close();
          reject(error ?? new RelayFailure('The relay closed the connection.'));
        });
      };
      this.on('error', fail);
      this.on('end', fail);
      this.connect((error) => {
        if (error !== undefined) fail(error);
        else if (target.credentials === null) settle(resolve);
        else this.#authenticate(target, target.credentials, () => settle(resolve), fail);
      });
    });
  }

  #authenticate(
    { tls, host }: RelayTarget,
    { user, password }: NonNullable<RelayTarget['credentials']>,
    succeed: () => void,
    fail: (error: Error) => void,
  ): void {
    if (!this.secure && tls !== 'none' && !isLoopback(host)) {
      fail(new RelayFailure('The relay offers no encryption, and credentials do not go in clear.'));
    } else if (!this.allowsAuth) {
      fail(new RelayFailure('The relay takes no credentials (AUTH).'));
    } else {
      this.login({ user, pass: password.reveal() }, (refused) => {
        if (refused === null) succeed();
        else fail(refused);
      });
    }
  }

  #send(envelope: SMTPConnection.Envelope, content: Buffer | Readable): Promise<SMTPConnection.SentMessageInfo> {
    return new Promise((resolve, reject) => {
      // Where it closes the connection itself the library may forget its caller; if it does not, it calls in this turn.
      const ended = (): void => void setImmediate(() => reject(new RelayFailure('The relay closed the connection.')));
      this.once('end', ended);
      this.send(envelope, content, (error, info) => {
        this.removeListener('end', ended);
        if (error === null) resolve(info);
        else reject(error);
      });
    });
  }

  #failed(envelope: Heard, error: unknown): Transmitted {
    const refused = refusalsOf(envelope);
    const { response, code } = error as { response?: unknown; code?: unknown };
    const isRefusal = (code === 'EENVELOPE' || code === 'EMESSAGE') && typeof response === 'string';
    const rest = isRefusal ? { reply: response } : relayFailure(error);
    const isBegun = refused.size > 0 || (envelope.accepted ?? []).length > 0;
    const isUnheard = !isBegun && (!isRefusal || response.startsWith('421'));
    const isReusable = isRefusal && this.isAlive;
    // Half of a message may have gone: without its final dot it is none, and it must never get one.
    if (!isReusable) this.close();
    return { refused, rest, isReusable, isUnheard };
  }
}

/** What nodemailer writes into the envelope as replies come in. */
interface Heard {
  /** The sender was refused: what was said of recipients behind it in the pipeline is only that. */
  readonly mailError?: unknown;
  readonly accepted?: readonly string[];
  readonly rejectedErrors?: readonly { readonly recipient?: unknown; readonly response?: unknown }[];
}

function refusalsOf({ mailError, rejectedErrors = [] }: Heard): Map<string, string> {
  if (mailError !== undefined) return new Map();
  return new Map(
    rejectedErrors.flatMap(({ recipient, response }) =>
      typeof recipient === 'string' ? [[recipient, typeof response === 'string' ? response : ''] as const] : [],
    ),
  );
}
