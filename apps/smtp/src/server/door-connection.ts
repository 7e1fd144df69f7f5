import type { SMTPServer, SMTPServerSession } from 'smtp-server';
import type { Socket } from 'node:net';
import type { SMTPStream } from 'smtp-server/lib/smtp-stream.js';
import { SMTPConnection, type SMTPConnectionOptions } from 'smtp-server/lib/smtp-connection.js';
import { parsePathCommand } from '../commands/parse-path-command.js';
import { forbiddenIn } from '../line-ends/bare-end-escape.js';
import { DoorError } from '../replies/door-error.js';
import { refusalOf } from '../replies/reply-table.js';
import { StrictStream } from './strict-stream.js';

/** RFC 5321 asks for 512 octets, each extension for more: ORCPT 500, ENVID 100, AUTH with an API key 750. */
const COMMAND_BYTES_MAX = 4096;
/** Refused commands in a row, of a client that we do not know. */
const REFUSALS_MAX = 20;
const ENHANCED = /^[245]\.\d{1,3}\.\d{1,3} /;

/** What a connection looks at of the door that it came in by. */
export interface DoorState {
  /** Set when the process is to end: whoever has no transaction open is sent away. */
  readonly isClosing: boolean;
  /** Clients of a trusted network, and those who have authenticated: they may be refused as often as they like. */
  readonly known: WeakSet<SMTPServerSession>;
}

/**
 * A connection of smtp-server that greets at once (the library waits 100 ms to catch those who talk too soon), takes only
 * CRLF for the end of a line, parses paths strictly, offers AUTH under TLS only, and answers with the enhanced status
 * codes of our own replies. `door-connection.spec.ts` notices when the library changes under it.
 */
export class DoorConnection extends SMTPConnection {
  #refusals = 0;

  constructor(
    private readonly door: SMTPServer & DoorState,
    socket: Socket,
    options?: SMTPConnectionOptions | null,
  ) {
    super(door, socket, options);
  }

  /** Nothing is under way: no transaction, no command, no handshake. */
  get isIdle(): boolean {
    const isBusy = this._handlerPending || this._upgrading || this._nextHandler !== false || this._closing;
    return !isBusy && this.session.envelope.mailFrom === false;
  }

  override init(): void {
    this._setListeners(() => this.connectionReady());
  }

  override _createParser(): SMTPStream {
    const parser = new StrictStream(() => this.#refuseBareEnd(), { maxCommandLength: COMMAND_BYTES_MAX });
    parser.oncommand = (command, callback) => this._onCommand(command, callback);
    parser.on('error', () => {
      this.send(500, '5.5.6 Line too long');
      this.close();
    });
    return parser;
  }

  override _onCommand(command: Buffer, callback?: () => void): void {
    const next = callback ?? ((): void => undefined);
    if (this._upgrading || this._closing) {
      super._onCommand(command, next);
      return;
    }
    if (this.door.isClosing && this.session.envelope.mailFrom === false) {
      this.refuse(new DoorError('ERR_SMTP_CLOSING'));
      return;
    }
    const forbidden = forbiddenIn(command);
    if (forbidden === undefined) {
      super._onCommand(command, next);
      return;
    }
    if (forbidden === 'bareEnd') this.#refuseBareEnd();
    else {
      this._nextHandler = false;
      this.send(500, '5.5.2 A command holds no NUL');
    }
    setImmediate(next);
  }

  override _parseAddressCommand(
    name: string,
    command: Buffer | string,
  ): ReturnType<SMTPConnection['_parseAddressCommand']> {
    const verb = name.toLowerCase() === 'mail from' ? 'MAIL FROM' : 'RCPT TO';
    return parsePathCommand(verb, typeof command === 'string' ? Buffer.from(command) : command);
  }

  override send(code: number, data?: string | string[] | null, context?: string | false): void {
    if (Array.isArray(data)) {
      super.send(code, this.secure ? data : data.filter((line) => !line.startsWith('AUTH ')), context);
      return;
    }
    super.send(code, data, typeof data === 'string' && ENHANCED.test(data) ? false : context);
    if (code < 400) this.#refusals = code === 250 && context === 'DATA_OK' ? 0 : this.#refusals;
    else if (!this.door.known.has(this.session) && !this._closing) this.#countRefusal();
  }

  /** Answers with what an error means; 421 closes. */
  refuse(error: unknown): void {
    const { responseCode, message } = refusalOf(error);
    this.send(responseCode, message);
  }

  #refuseBareEnd(): void {
    if (this._upgrading || this._closing) return;
    // Also the answer within an AUTH exchange, which ends with it.
    this._nextHandler = false;
    this.refuse(new DoorError('ERR_LINE_END_BARE'));
  }

  #countRefusal(): void {
    this.#refusals += 1;
    if (this.#refusals < REFUSALS_MAX) return;
    this.#refusals = Number.NEGATIVE_INFINITY;
    this.send(421, '4.7.0 Too many errors');
  }
}
