/** Lines on the terminal, each with the seconds since the start. */
export class Progress {
  readonly #start = performance.now();

  constructor(private readonly stream: NodeJS.WritableStream = process.stdout) {
    // Whoever read us may be gone; the product goes on.
    stream.on('error', () => undefined);
  }

  get seconds(): number {
    return (performance.now() - this.#start) / 1000;
  }

  /** `  3.2 s  PostgreSQL runs` */
  step(text: string): void {
    this.line(`${this.seconds.toFixed(1).padStart(6)} s  ${text}`);
  }

  /** A line as it is. */
  line(text = ''): void {
    this.stream.write(`${text}\n`);
  }
}
