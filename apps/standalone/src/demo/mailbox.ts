import type { IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { MailDev } from 'maildev';
import { waitUntil } from '../wait-until.js';

const STOP_TIMEOUT_MS = 2000;

interface MailDevEntry {
  readonly id: string;
  readonly envelope: { readonly to: readonly { readonly address: string }[] };
}

/** The demo's mailbox: an SMTP sink that takes mail for anybody, with a page. */
export class Mailbox {
  private constructor(
    private readonly server: MailDev,
    readonly smtpPort: number,
    readonly pageUrl: string,
  ) {}

  static async start(smtpPort: number, pagePort: number, mailDirectory: string): Promise<Mailbox> {
    const host = '127.0.0.1';
    const server = new MailDev({
      smtp: smtpPort,
      ip: host,
      web: pagePort,
      webIp: host,
      mailDirectory,
      silent: true,
    });
    const { api } = await withoutGreeting(() => server.start());
    // It shows its page only to those who ask for HTML by name; curl does not.
    api?.server.server.prependListener('request', (request: IncomingMessage) => {
      if (request.url === '/') request.headers.accept = 'text/html';
    });
    return new Mailbox(server, smtpPort, `http://localhost:${pagePort}/`);
  }

  /** Waits for a copy of that message (by its `X-Sealflow-Id`) for that recipient; its bytes as they came. */
  async waitFor(messageId: string, address: string, timeoutMs: number): Promise<Buffer | undefined> {
    let found: Buffer | undefined;
    await waitUntil(async () => {
      found = await this.#find(messageId, address);
      return found !== undefined;
    }, timeoutMs);
    return found;
  }

  /** How many messages there are for that recipient. */
  async count(address: string): Promise<number> {
    return (await this.#entries(address)).length;
  }

  /** An open page does not hold it up. */
  async stop(): Promise<void> {
    await Promise.race([this.server.stop(), delay(STOP_TIMEOUT_MS)]);
  }

  async #find(messageId: string, address: string): Promise<Buffer | undefined> {
    for (const { id } of await this.#entries(address)) {
      const raw = Buffer.from(await (await fetch(`${this.pageUrl}api/email/${id}/source`)).arrayBuffer());
      if (raw.includes(`X-Sealflow-Id: ${messageId}\r\n`)) return raw;
    }
    return undefined;
  }

  async #entries(address: string): Promise<readonly MailDevEntry[]> {
    const entries = (await (await fetch(`${this.pageUrl}api/email`)).json()) as readonly MailDevEntry[];
    return entries.filter(({ envelope }) => envelope.to.some((to) => to.address === address));
  }
}

/** MailDev greets on the console, whatever it is told. */
async function withoutGreeting<T>(start: () => Promise<T>): Promise<T> {
  const { console } = globalThis;
  const info = Object.getOwnPropertyDescriptor(console, 'info');
  console.info = () => undefined;
  try {
    return await start();
  } finally {
    if (info !== undefined) Object.defineProperty(console, 'info', info);
  }
}
