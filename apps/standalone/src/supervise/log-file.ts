import { closeSync, openSync, renameSync, statSync, writeSync } from 'node:fs';

const SIZE_BYTES_MAX = 16 * 1024 * 1024;

/** A log file (mode 0600) of at most 16 MiB; the one before it is kept beside it as `<name>.1`. */
export class LogFile {
  #file: number;
  #sizeBytes: number;

  constructor(readonly path: string) {
    this.#file = openSync(path, 'a', 0o600);
    this.#sizeBytes = statSync(path).size;
  }

  /** Never throws: a full disk must not end the product. */
  write(piece: Uint8Array): void {
    try {
      writeSync(this.#file, piece);
      this.#sizeBytes += piece.length;
      if (this.#sizeBytes > SIZE_BYTES_MAX) this.#rotate();
    } catch {
      // The piece is lost; the next one may fit.
    }
  }

  close(): void {
    closeSync(this.#file);
  }

  #rotate(): void {
    renameSync(this.path, `${this.path}.1`);
    const next = openSync(this.path, 'a', 0o600);
    closeSync(this.#file);
    this.#file = next;
    this.#sizeBytes = 0;
  }
}
