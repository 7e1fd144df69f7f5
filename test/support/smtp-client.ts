import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

export interface SmtpReply {
  readonly code: number;
  /** All lines, without their codes. */
  readonly text: string;
}

/** A client that says exactly what it is told, line by line. */
export class SmtpClient {
  #received = '';
  #isGone = false;
  readonly #waiting: (() => void)[] = [];

  private constructor(private readonly socket: Socket) {
    socket.setEncoding('latin1');
    socket.on('data', (piece: string) => {
      this.#received += piece;
      this.#wake();
    });
    const gone = (): void => {
      this.#isGone = true;
      this.#wake();
    };
    socket.on('close', gone);
    socket.on('error', gone);
  }

  /** Connects, takes the greeting, and says EHLO unless told not to. */
  static async connect(port: number, { hello = true } = {}): Promise<SmtpClient> {
    const socket = connect({ host: '127.0.0.1', port });
    socket.setNoDelay(true);
    const client = new SmtpClient(socket);
    await once(socket, 'connect');
    const greeting = await client.reply();
    if (greeting.code !== 220) throw new Error(`greeted with ${greeting.code}`);
    if (hello) await client.command('EHLO client.example');
    return client;
  }

  /**
   * STARTTLS, with more in clear behind it where a test smuggles; whatever certificate there is will do. The client under
   * TLS has not said EHLO again.
   */
  async startTls(more = ''): Promise<SmtpClient> {
    this.write(`STARTTLS\r\n${more}`);
    const go = await this.reply();
    if (go.code !== 220) throw new Error(`STARTTLS answered ${go.code}`);
    this.socket.removeAllListeners('data');
    const secured = connectTls({ socket: this.socket, rejectUnauthorized: false });
    await once(secured, 'secureConnect');
    return new SmtpClient(secured);
  }

  write(bytes: Buffer | string): void {
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }

  async command(line: string): Promise<SmtpReply> {
    this.write(`${line}\r\n`);
    return await this.reply();
  }

  /** The next whole reply. Throws when the connection ends before it. */
  async reply(): Promise<SmtpReply> {
    for (;;) {
      const whole = /^(?:\d{3}-[^\n]*\n)*(\d{3})(?: [^\n]*)?\r?\n/.exec(this.#received);
      if (whole !== null) {
        this.#received = this.#received.slice(whole[0].length);
        return { code: Number(whole[1]), text: whole[0].replace(/^\d{3}[- ]?/gm, '').trim() };
      }
      if (this.#isGone) throw new Error('the connection has ended');
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** A whole transaction; dots are stuffed. The last reply, or the first that refuses. */
  async send(mailFrom: string, rcptTo: readonly string[], message: Buffer): Promise<SmtpReply> {
    for (const line of [`MAIL FROM:<${mailFrom}>`, ...rcptTo.map((one) => `RCPT TO:<${one}>`)]) {
      const said = await this.command(line);
      if (said.code >= 400) return said;
    }
    const go = await this.command('DATA');
    if (go.code !== 354) return go;
    const stuffed = message.toString('latin1').replace(/^\./gm, '..');
    this.write(`${stuffed}${stuffed.endsWith('\r\n') ? '' : '\r\n'}.\r\n`);
    return await this.reply();
  }

  /** Says that nothing more will come. */
  end(): void {
    this.socket.end();
  }

  destroy(): void {
    this.socket.destroy();
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
