import type { Envelope, EnvelopeRecipient } from '#lib/flow';
import type { Sender } from '../policy/relaying.js';

/** One mail transaction, from MAIL to the end of data. */
export class Transaction {
  readonly #recipients = new Map<string, EnvelopeRecipient>();
  #organizationId: string | undefined;

  constructor(
    readonly sender: Sender,
    private readonly head: Omit<Envelope, 'rcptTo'>,
  ) {
    this.#organizationId = sender.kind === 'own' ? sender.organizationId : undefined;
  }

  /** Whose message it is; known from the sender, else from the first recipient. */
  get organizationId(): string | undefined {
    return this.#organizationId;
  }

  get envelope(): Envelope {
    return { ...this.head, rcptTo: [...this.#recipients.values()] };
  }

  /** The same address again takes the place of the first. */
  add(recipient: EnvelopeRecipient, organizationId: string): void {
    this.#organizationId = organizationId;
    this.#recipients.set(recipient.address, recipient);
  }
}
