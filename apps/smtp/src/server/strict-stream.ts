import { SMTPStream, type SMTPStreamOptions } from 'smtp-server/lib/smtp-stream.js';
import { BareEndEscape, forbiddenIn } from '../line-ends/bare-end-escape.js';
import { DoorError } from '../replies/door-error.js';

/** So long is waited for the rest of a message with a bare line end: its client may wait for the reply. */
const SILENCE_MS = 1_500;

type Done = (error?: Error | null) => void;

/** The library's parser of commands and messages behind our check of line ends, in clear and under TLS alike. */
export class StrictStream extends SMTPStream {
  readonly #escape = new BareEndEscape();
  #isTold = false;
  #silence: NodeJS.Timeout | undefined;

  /** `onBareEnd`: a command that has no end yet holds a bare line end, all commands before it are answered. Once for each. */
  constructor(
    private readonly onBareEnd: () => void,
    options?: SMTPStreamOptions,
  ) {
    super(options);
  }

  /** What the socket is piped into: each byte comes through here once. */
  override write(chunk: Buffer): boolean {
    return super.write(this.#escape.push(chunk));
  }

  override _write(chunk: Buffer, encoding: BufferEncoding | 'buffer', next: Done): void {
    super._write(chunk, encoding, (error) => {
      this.#lookAtRest();
      next(error);
    });
  }

  /**
   * Where a message has a bare line end and nothing more comes, its stream is cut with `ERR_LINE_END_BARE`: the client may
   * take that for the end, and the library keeps the last bytes to itself.
   */
  override _feedDataStream(chunk: Buffer, done: Done): void {
    if (this.#silence !== undefined) this.#silence.refresh();
    else if (forbiddenIn(chunk) === 'bareEnd') {
      this.#silence = setTimeout(() => this.#cut(), SILENCE_MS).unref();
    }
    super._feedDataStream(chunk, done);
  }

  override _endDataMode(chunk: Buffer | false, remainder: Buffer, callback: Done): void {
    this.#endSilence();
    super._endDataMode(chunk, remainder, callback);
  }

  override _destroy(error: Error | null, callback: Done): void {
    this.#endSilence();
    super._destroy(error, callback);
  }

  /** A last line without its CRLF is no command. */
  override _flushData(): void {
    this._remainder = '';
  }

  #lookAtRest(): void {
    const isBare = !this._dataMode && forbiddenIn(Buffer.from(this._remainder, 'latin1')) === 'bareEnd';
    if (isBare && !this.#isTold) this.onBareEnd();
    this.#isTold = isBare;
  }

  #cut(): void {
    this.#endSilence();
    const stream = this._dataStream;
    if (stream === null || this.isClosed) return;
    stream.once('error', () => undefined);
    stream.destroy(new DoorError('ERR_LINE_END_BARE'));
  }

  #endSilence(): void {
    clearTimeout(this.#silence);
    this.#silence = undefined;
  }
}
