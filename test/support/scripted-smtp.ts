import { createServer, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { waitFor } from './wait-for.js';

/** What a session has heard so far. */
export interface SmtpSession {
  /** Of all connections to this server, from 0. */
  readonly n: number;
  readonly commands: string[];
  /** Messages taken on this connection. */
  messages: number;
  isTls: boolean;
}

/** A message as it came over the wire. */
export interface WireMessage {
  readonly mail: string;
  readonly rcpt: readonly string[];
  /** Everything between the answer to DATA and the line with the final dot, dots still stuffed. */
  readonly wire: Buffer;
  readonly session: SmtpSession;
}

/** `drop` ends the connection, `silence` says nothing; `undefined` is what a server says as a rule. A text is sent as it is, with CRLF. */
type Say = string | undefined;

export interface SmtpScript {
  readonly greeting?: (session: SmtpSession) => Say;
  /** Keywords of EHLO. */
  readonly offers?: readonly string[];
  readonly answer?: (command: string, session: SmtpSession) => Say;
  /** When the final dot has come. */
  readonly taken?: (message: WireMessage) => Say;
  /** For STARTTLS, or from the first byte if `isImplicit`. */
  readonly tls?: { readonly key: string; readonly cert: string; readonly isImplicit?: boolean };
  /** Counts the bytes of messages and keeps none. */
  readonly isForgetful?: boolean;
}

const END = Buffer.from('\r\n.\r\n');

/** An SMTP server that says what a test tells it, and keeps what it heard byte by byte. */
export class ScriptedSmtp {
  readonly messages: WireMessage[] = [];
  readonly sessions: SmtpSession[] = [];
  /** Of messages, final dots apart, as they come in. */
  bytes = 0;
  script: SmtpScript;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(script: SmtpScript) {
    this.script = script;
    this.#server = createServer((socket) => this.#serve(socket));
  }

  static async start(script: SmtpScript = {}, port = 0): Promise<ScriptedSmtp> {
    const server = new ScriptedSmtp(script);
    server.#server.listen(port, '127.0.0.1');
    await waitFor('the scripted server to listen', () => server.#server.listening);
    return server;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** Connections that are open now. */
  get open(): number {
    return this.#sockets.size;
  }

  async stop(): Promise<void> {
    this.dropAll();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  dropAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #serve(plain: Socket): void {
    const session: SmtpSession = { n: this.sessions.length, commands: [], messages: 0, isTls: false };
    this.sessions.push(session);
    this.#sockets.add(plain);
    plain.once('close', () => this.#sockets.delete(plain));
    plain.on('error', () => undefined);
    plain.setNoDelay(true);
    const { tls } = this.script;
    if (tls?.isImplicit === true) this.#talk(this.#encrypt(plain, tls, session), session, true);
    else this.#talk(plain, session, true);
  }

  #encrypt(plain: Socket, { key, cert }: { key: string; cert: string }, session: SmtpSession): TLSSocket {
    const socket = new TLSSocket(plain, { isServer: true, key, cert });
    socket.on('error', () => plain.destroy());
    session.isTls = true;
    return socket;
  }

  #talk(socket: Socket, session: SmtpSession, isNew: boolean): void {
    let input = Buffer.alloc(0);
    let message:
      { readonly mail: string; readonly rcpt: string[]; readonly pieces: Buffer[]; tail: Buffer } | undefined;
    let mail = '';
    let rcpt: string[] = [];
    const say = (said: Say, usual: string): void => {
      if (said === 'drop') socket.destroy();
      else if (said !== 'silence' && !socket.destroyed) socket.write(`${said ?? usual}\r\n`, 'latin1');
    };
    const hear = (command: string): void => {
      session.commands.push(command);
      const refusal = /^RCPT/i.test(command) && mail === '' ? '503 5.5.1 MAIL first' : undefined;
      const said = this.script.answer?.(command, session) ?? refusal;
      const verb = command.slice(0, 4).toUpperCase();
      const isTaken = said === undefined || /^[23]/.test(said);
      if (verb === 'MAIL' && isTaken) [mail, rcpt] = [command, []];
      if (verb === 'RCPT' && isTaken) rcpt.push(command);
      if (verb === 'RSET') [mail, rcpt] = ['', []];
      if (verb === 'DATA' && isTaken && (rcpt.length > 0 || said !== undefined)) {
        message = { mail, rcpt, pieces: [], tail: Buffer.from('\r\n') };
      }
      say(said, this.#usual(verb, rcpt.length > 0));
      if (verb === 'QUIT') socket.end();
      const { tls } = this.script;
      if (verb === 'STAR' && isTaken && tls !== undefined) {
        socket.removeListener('data', take);
        this.#talk(this.#encrypt(socket, tls, session), session, false);
      }
    };
    const end = (): void => {
      if (message === undefined) return;
      const wire = Buffer.concat(message.pieces).subarray(0, -3);
      const taken: WireMessage = { mail: message.mail, rcpt: message.rcpt, wire, session };
      message = undefined;
      [mail, rcpt] = ['', []];
      const said = this.script.taken?.(taken);
      if (said === undefined || said === 'drop' || said === 'silence' || said.startsWith('2')) {
        this.messages.push(taken);
        session.messages += 1;
      }
      say(said, '250 2.0.0 taken');
    };
    /** Gives back what stands behind the end of the data, which may be cut anywhere. */
    const takeData = (piece: Buffer): Buffer => {
      if (message === undefined) return piece;
      const joined = Buffer.concat([message.tail, piece]);
      const at = joined.indexOf(END);
      const ours = at < 0 ? piece : piece.subarray(0, at + END.length - message.tail.length);
      this.bytes += ours.length;
      if (this.script.isForgetful !== true) message.pieces.push(ours);
      message.tail = joined.subarray(-4);
      if (at >= 0) end();
      return piece.subarray(ours.length);
    };
    const take = (piece: Buffer): void => {
      input = Buffer.concat([input, message === undefined ? piece : takeData(piece)]);
      for (let at = input.indexOf('\r\n'); at >= 0 && !socket.destroyed; at = input.indexOf('\r\n')) {
        const command = input.subarray(0, at).toString('utf8');
        input = input.subarray(at + 2);
        hear(command);
        if (message !== undefined) input = Buffer.from(takeData(input));
      }
    };
    socket.on('data', take);
    if (isNew) say(this.script.greeting?.(session), '220 scripted.example ESMTP');
  }

  #usual(verb: string, hasRecipients: boolean): string {
    const { offers = ['PIPELINING', '8BITMIME', 'SMTPUTF8', 'SIZE', 'DSN', 'ENHANCEDSTATUSCODES'] } = this.script;
    switch (verb) {
      case 'EHLO':
        return ['scripted.example', ...offers]
          .map((line, n) => `250${n === offers.length ? ' ' : '-'}${line}`)
          .join('\r\n');
      case 'DATA':
        return hasRecipients ? '354 go on' : '503 5.5.1 no recipients';
      case 'QUIT':
        return '221 2.0.0 bye';
      case 'STAR':
        return '220 2.0.0 go on';
      case 'AUTH':
        return '235 2.7.0 welcome';
      default:
        return '250 2.0.0 fine';
    }
  }
}
