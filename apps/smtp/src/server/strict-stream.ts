import { SMTPStream } from 'smtp-server/lib/smtp-stream.js';
import { BareEndEscape } from '../line-ends/bare-end-escape.js';

/** The library's parser of commands and messages behind our check of line ends, in clear and under TLS alike. */
export class StrictStream extends SMTPStream {
  readonly #escape = new BareEndEscape();

  /** What the socket is piped into: each byte comes through here once. */
  override write(chunk: Buffer): boolean {
    return super.write(this.#escape.push(chunk));
  }

  /** A last line without its CRLF is no command. */
  override _flushData(): void {
    this._remainder = '';
  }
}
