import { readFileSync } from 'node:fs';
import { MailSink } from './mail-sink.js';
import { Product, type ProductOptions } from './product.js';
import { SECRET, startLoad, type Load } from './smtp-load.js';
import { testKey } from './smime-keys.js';
import { waitFor } from './wait-for.js';

const RCPT_TO = 'bob@customer.example';

/** The product with one rule that seals everything, and a sink behind it. */
export class LineUnderLoad {
  private constructor(
    readonly product: Product,
    readonly sink: MailSink,
  ) {}

  static async start(options: ProductOptions = {}): Promise<LineUnderLoad> {
    const sink = await MailSink.start();
    const product = await Product.start({ relayUrl: sink.url, ...options });
    await product.json('/v1/certificates', { pem: readFileSync(testKey('bob').certificatePath, 'utf8') });
    await product.json('/v1/rules', { name: 'All sealed', actions: [{ type: 'encrypt', method: 'smime' }] });
    return new LineUnderLoad(product, sink);
  }

  load(count: number, connections = 10): Load {
    return startLoad({
      port: this.product.smtpPort,
      count,
      connections,
      mailFrom: 'ann@clinic.example',
      rcptTo: RCPT_TO,
    });
  }

  /** Waits until so many of the load have been accepted. */
  async accepted(load: Load, count: number): Promise<void> {
    await waitFor(`${count} messages to be accepted`, () => load.accepted.size >= count, { timeoutMs: 60_000 });
  }

  /** Waits until everything that was accepted has arrived or is held; answers how many arrived more than once. */
  async drained(load: Load, timeoutMs: number): Promise<{ readonly doubled: number; readonly seconds: number }> {
    const start = performance.now();
    await waitFor('every accepted message to arrive', () => this.missing(load).length === 0, { timeoutMs });
    await waitFor('the outbox to be empty', async () => (await this.open()) === 0, { timeoutMs });
    return { doubled: this.doubled(), seconds: (performance.now() - start) / 1000 };
  }

  /** Message-IDs that were accepted and have not arrived. */
  missing(load: Load): string[] {
    const arrived = new Set(this.sink.arrived.map(({ raw }) => messageIdOf(raw)));
    return [...load.accepted].filter((messageId) => !arrived.has(messageId));
  }

  doubled(): number {
    const ids = this.sink.arrived.map(({ raw }) => messageIdOf(raw));
    return ids.length - new Set(ids).size;
  }

  /** Messages that arrived in clear: at the recipient unsealed, or anywhere with what they are about. */
  inClear(): number {
    return this.sink.arrived.filter(
      ({ raw, rcptTo }) =>
        raw.includes(SECRET) || (rcptTo.includes(RCPT_TO) && !raw.includes('application/pkcs7-mime')),
    ).length;
  }

  async stop(): Promise<void> {
    await this.product.stop();
    await this.sink.stop();
  }

  private async open(): Promise<number> {
    let open = 0;
    for (const status of ['accepted', 'processing', 'delivering']) {
      open += (await this.product.json<{ items: unknown[] }>(`/v1/messages?status=${status}&limit=1`)).items.length;
    }
    return open;
  }
}

function messageIdOf(raw: Buffer): string {
  return /^Message-ID: (<[^>]+>)/im.exec(raw.subarray(0, 4096).toString('latin1'))?.[1] ?? '';
}
