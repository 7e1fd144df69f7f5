import { collect } from '../byte-streams.js';
import type { Outgoing, RelayResult } from '../message.js';
import type { Relay } from '../ports.js';

type Options = Parameters<Relay['send']>[1];

export interface Sent {
  readonly outgoing: Outgoing;
  /** Recipients in the order of the transaction. */
  readonly recipients: readonly string[];
  readonly bytes: Buffer;
  readonly options: Options;
}

/** A relay in memory, for tests: keeps what it was given, answers as it is told. */
export class InMemoryRelay implements Relay {
  isConfigured = true;
  readonly sent: Sent[] = [];
  /** The answer for an address; delivered if it says nothing. */
  answer: (address: string, attempt: number) => Partial<RelayResult> | undefined = () => undefined;
  /** Errors that the next transactions end with. */
  readonly failures: Error[] = [];

  async send(outgoing: Outgoing, options: Options): Promise<readonly RelayResult[]> {
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    const bytes = await collect(outgoing.open());
    const recipients = outgoing.recipients.map(({ address }) => address);
    this.sent.push({ outgoing, recipients, bytes, options });
    return recipients.map((address) => {
      const attempt = this.sent.filter((sent) => sent.recipients.includes(address)).length;
      return { address, outcome: 'delivered', reply: '250 2.0.0 ok', ...this.answer(address, attempt) };
    });
  }
}
