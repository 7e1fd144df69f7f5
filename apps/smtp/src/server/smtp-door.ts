import { setTimeout as delay } from 'node:timers/promises';
import type { AddressInfo } from 'node:net';
import type { SMTPServerDataStream, SMTPServerSession } from 'smtp-server';
import { DoorError } from '../replies/door-error.js';
import { refusalOf } from '../replies/reply-table.js';
import type { TlsPair } from '../tls/tls-pair.js';
import type { DoorHandlers } from '../transaction/door-handlers.js';
import { readToEnd } from '../transaction/receive-message.js';
import { DoorConnection } from './door-connection.js';
import { codeOf } from '../replies/code-of.js';
import { DoorServer } from './door-server.js';

/** RFC 5321 section 4.5.3.2 asks for five minutes. */
const IDLE_MS = 5 * 60_000;
const RECIPIENTS_MAX = 1_000;
const CLOSE_STEP_MS = 50;
/** Left out of smtp-server: its jokes, and what lets a client say who it is. */
const DISABLED = ['WIZ', 'SHELL', 'KILL', 'XCLIENT', 'XFORWARD'];

export interface SmtpDoorOptions {
  readonly hostName: string;
  readonly tls: TlsPair;
  readonly messageSizeBytesMax: number;
  readonly idleMs?: number;
  /** What was refused, and why: errors of ours and of the connection, for the log. */
  readonly onTrouble: (error: unknown) => void;
  readonly onAccepted?: (messageId: string) => void;
  /** After each message that was not accepted, with the code. */
  readonly onRefused?: (code: string) => void;
}

type Done = (error?: Error | null) => void;

/** The SMTP door: listens, and ends without dropping what is in hand. */
export class SmtpDoor {
  readonly #server: DoorServer;

  constructor(
    private readonly handlers: DoorHandlers,
    private readonly options: SmtpDoorOptions,
  ) {
    this.#server = new DoorServer({
      name: options.hostName,
      heloResponse: '%s greets %s',
      size: options.messageSizeBytesMax,
      maxRecipients: RECIPIENTS_MAX,
      hideDSN: false,
      hideENHANCEDSTATUSCODES: false,
      authOptional: true,
      authMethods: ['PLAIN', 'LOGIN'],
      disabledCommands: DISABLED,
      disableReverseLookup: true,
      socketTimeout: options.idleMs ?? IDLE_MS,
      cert: options.tls.certificatePem,
      key: options.tls.keyPem.reveal(),
      minVersion: 'TLSv1.2',
      logger: false,
      onConnect: (session, done) => this.#connect(session, done),
      onAuth: (auth, session, done) =>
        void this.#settle(
          this.handlers.authenticate(auth, session).then((user) => {
            this.#server.known.add(session);
            done(null, { user });
          }),
          done,
        ),
      onMailFrom: (address, session, done) => this.#reply(this.handlers.mail(address, session), done),
      onRcptTo: (address, session, done) => this.#reply(this.handlers.recipient(address, session), done),
      onData: (stream, session, done) => void this.#data(stream, session, done),
      onClose: (session) => this.handlers.close(session),
    });
    this.#server.on('error', options.onTrouble);
  }

  /** Listens; resolves with the port. Errors: those of the socket, such as `EADDRINUSE`. */
  async listen(port: number, host: string): Promise<number> {
    const { server } = this.#server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      this.#server.listen(port, host, () => {
        server.off('error', reject);
        resolve();
      });
    });
    return (server.address() as AddressInfo).port;
  }

  get connectionCount(): number {
    return this.handlers.connectionCount;
  }

  /**
   * Stops listening, sends away whoever has no transaction open, and waits for the others for `graceMs`; then they are
   * sent away as well, and send their message again elsewhere. Resolves when no connection is left.
   */
  async close(graceMs: number): Promise<void> {
    const endMs = performance.now() + graceMs;
    this.#server.isClosing = true;
    const closed = new Promise<void>((resolve) => this.#server.server.close(() => resolve()));
    while (this.#server.connections.size > 0 && performance.now() < endMs) {
      for (const connection of this.#connections()) {
        if (connection.isIdle) connection.refuse(new DoorError('ERR_SMTP_CLOSING'));
      }
      await Promise.race([closed, delay(CLOSE_STEP_MS)]);
    }
    for (const connection of this.#connections()) {
      connection.refuse(new DoorError('ERR_SMTP_CLOSING'));
      connection._socket.destroySoon();
    }
    await closed;
  }

  #connect(session: SMTPServerSession, done: Done): void {
    try {
      this.handlers.connect(session);
      if (this.handlers.isKnown(session)) this.#server.known.add(session);
      done();
    } catch (error) {
      done(refusalOf(error));
    }
  }

  #reply(work: Promise<void>, done: Done): void {
    void this.#settle(
      work.then(() => done()),
      done,
    );
  }

  async #settle(work: Promise<void>, done: (error: Error) => void): Promise<void> {
    try {
      await work;
    } catch (error) {
      this.options.onTrouble(error);
      done(refusalOf(error));
    }
  }

  async #data(
    stream: SMTPServerDataStream,
    session: SMTPServerSession,
    done: (error: Error | null, message?: string) => void,
  ): Promise<void> {
    try {
      const id = await this.handlers.message(stream, session);
      this.options.onAccepted?.(id);
      done(null, `2.0.0 ${id} accepted`);
    } catch (error) {
      this.options.onTrouble(error);
      const refusal = refusalOf(error);
      this.options.onRefused?.(codeOf(error));
      if (!(await readToEnd(stream, this.options.messageSizeBytesMax))) this.#hangUp(session, refusal);
      done(refusal);
    }
  }

  /** Says why, and ends the connection within a message that goes on and on. */
  #hangUp(session: SMTPServerSession, { responseCode, message }: { responseCode: number; message: string }): void {
    for (const connection of this.#connections()) {
      if (connection.session !== session) continue;
      connection.send(responseCode, message);
      connection.close();
    }
  }

  #connections(): DoorConnection[] {
    return [...this.#server.connections].filter((connection) => connection instanceof DoorConnection);
  }
}
