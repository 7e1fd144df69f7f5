import type { SMTPServerAddress, SMTPServerAuthentication, SMTPServerDataStream, SMTPServerSession } from 'smtp-server';
import type { ApiKey, ApiKeyStore, OrganizationStore } from '#lib/adapters';
import { domainOf, normalizeAddress, Secret, type Clock } from '#lib/core';
import type { AcceptPorts, Connection } from '#lib/flow';
import type { PathCommand } from '../commands/parse-path-command.js';
import { readMail } from '../commands/read-mail.js';
import { readRecipient } from '../commands/read-recipient.js';
import { ConnectionLimits } from '../policy/connection-limits.js';
import { networkOf } from '../policy/network-of.js';
import { Organizations } from '../policy/organizations.js';
import { decideRecipient, decideSender, type Peer } from '../policy/relaying.js';
import { TokenBuckets } from '../policy/token-bucket.js';
import { TrustedNetworks } from '../policy/trusted-networks.js';
import { DoorError } from '../replies/door-error.js';
import { receiveMessage } from './receive-message.js';
import { Transaction } from './transaction.js';

/** Wrong passwords of one address that is not trusted: at once, and what is forgiven in a second. */
const AUTH_FAILURES = { burst: 10, perSecond: 1 / 30 };
/** Messages of one API key; a trusted network has no limit but that of the disk. */
const MESSAGES = { burst: 1_000, perSecond: 500 };

/** Said to whom we know only: others learn nothing of how this server is set up. */
const SENDER_FOREIGN = 'Relaying denied: MAIL FROM is not of a domain of the organization (SEALFLOW_ORG_DOMAINS).';
const BOTH_FOREIGN =
  'Relaying denied: neither MAIL FROM nor this recipient is of a domain of the organization (SEALFLOW_ORG_DOMAINS).';

export interface DoorPorts {
  readonly organizations: Pick<OrganizationStore, 'findByDomain' | 'load'>;
  readonly apiKeys: Pick<ApiKeyStore, 'authenticate'>;
  readonly accept: AcceptPorts;
  readonly clock: Clock;
  /** `false` while the process still waits for database and keys. */
  readonly isOpen: () => boolean;
}

export interface DoorPolicy {
  readonly trustedNetworks: readonly string[];
  readonly messageSizeBytesMax: number;
}

/** What happens at each step of an SMTP session. Each either resolves or throws what becomes the reply. */
export class DoorHandlers {
  readonly #trusted: TrustedNetworks;
  readonly #organizations: Organizations;
  readonly #limits: ConnectionLimits;
  readonly #authFailures: TokenBuckets;
  readonly #messages: TokenBuckets;
  readonly #counted = new WeakSet<SMTPServerSession>();
  /** By the library's envelope object, which is a new one after RSET, EHLO, STARTTLS and each message. */
  readonly #transactions = new WeakMap<object, Transaction>();

  constructor(
    private readonly ports: DoorPorts,
    private readonly policy: DoorPolicy,
  ) {
    this.#trusted = new TrustedNetworks(policy.trustedNetworks);
    this.#organizations = new Organizations(ports.organizations, ports.clock);
    this.#limits = new ConnectionLimits(ports.clock);
    this.#authFailures = new TokenBuckets(ports.clock, AUTH_FAILURES);
    this.#messages = new TokenBuckets(ports.clock, MESSAGES);
  }

  get connectionCount(): number {
    return this.#limits.open;
  }

  /** Whether the client may be refused as often as it likes. */
  isKnown(session: SMTPServerSession): boolean {
    return this.#trusted.has(session.remoteAddress) || peerKey(session) !== null;
  }

  /** Error: `ERR_SMTP_CONNECTIONS_MAX`. */
  connect(session: SMTPServerSession): void {
    const { remoteAddress } = session;
    if (!this.#limits.take(networkOf(remoteAddress), this.#trusted.has(remoteAddress))) {
      throw new DoorError('ERR_SMTP_CONNECTIONS_MAX');
    }
    this.#counted.add(session);
  }

  close(session: SMTPServerSession): void {
    if (!this.#counted.delete(session)) return;
    this.#limits.giveBack(networkOf(session.remoteAddress), this.#trusted.has(session.remoteAddress));
  }

  /**
   * The key that `username` and `password` are the id and the token of.
   * Errors: `ERR_SMTP_AUTH_FAILED`, `ERR_SMTP_AUTH_BLOCKED`, `ERR_SMTP_AUTH_UNAVAILABLE`.
   */
  async authenticate(auth: SMTPServerAuthentication, session: SMTPServerSession): Promise<NonNullable<Peer['apiKey']>> {
    const network = networkOf(session.remoteAddress);
    const isTrusted = this.#trusted.has(session.remoteAddress);
    if (!isTrusted && !this.#authFailures.has(network)) throw new DoorError('ERR_SMTP_AUTH_BLOCKED');
    const key = await this.#findKey(auth.password ?? '');
    if (key === undefined || key.id !== auth.username?.toLowerCase() || !key.scopes.includes('messages:send')) {
      if (!isTrusted) this.#authFailures.take(network);
      throw new DoorError('ERR_SMTP_AUTH_FAILED');
    }
    return { id: key.id, organizationId: key.organizationId };
  }

  /** Errors: those of `readMail`, `ERR_RELAY_DENIED`, `ERR_SMTP_RATE_EXCEEDED`, and those of the database. */
  async mail(command: SMTPServerAddress, session: SMTPServerSession): Promise<void> {
    const head = readMail(asPath(command));
    if (!this.ports.isOpen()) throw new DoorError('ERR_SMTP_STARTING');
    const peer = this.#peerOf(session);
    if (!this.isKnown(session)) throw new DoorError('ERR_RELAY_DENIED');
    const sender = decideSender(peer, await this.#organizationOf(head.mailFrom));
    if (sender.kind === 'refused') throw new DoorError('ERR_RELAY_DENIED', { say: SENDER_FOREIGN });
    if (!peer.isTrustedNetwork && peer.apiKey !== null && !this.#messages.take(peer.apiKey.id)) {
      throw new DoorError('ERR_SMTP_RATE_EXCEEDED');
    }
    this.#transactions.set(session.envelope, new Transaction(sender, head));
  }

  /** Errors: those of `readRecipient`, `ERR_RELAY_DENIED`, `ERR_RECIPIENT_FOREIGN_ORGANIZATION`, and those of the database. */
  async recipient(command: SMTPServerAddress, session: SMTPServerSession): Promise<void> {
    const transaction = this.#transactionOf(session);
    const recipient = readRecipient(asPath(command), { isSmtpUtf8: session.envelope.smtpUtf8 === true });
    const address = recipient.address === 'postmaster' ? await this.#postmasterOf(transaction) : recipient.address;
    const organizationId = transaction.sender.kind === 'own' ? undefined : await this.#organizationOf(address);
    const decision = decideRecipient(transaction.sender, organizationId, transaction.organizationId);
    if (decision.kind === 'refused') throw new DoorError('ERR_RELAY_DENIED', { say: BOTH_FOREIGN });
    if (decision.kind === 'another') throw new DoorError('ERR_RECIPIENT_FOREIGN_ORGANIZATION');
    transaction.add({ ...recipient, address }, decision.organizationId);
  }

  /** Resolves with the id when the message is durable. Errors: those of `accept`, `ERR_LINE_END_BARE`, `ERR_SMTP_CLIENT_GONE`. */
  async message(stream: SMTPServerDataStream, session: SMTPServerSession): Promise<string> {
    const transaction = this.#transactionOf(session);
    const { organizationId, envelope } = transaction;
    if (organizationId === undefined) throw new DoorError('ERR_SMTP_UNEXPECTED');
    const incoming = { organizationId, envelope, connection: this.#connectionOf(session, transaction) };
    return await receiveMessage(this.ports.accept, stream, incoming, { sizeBytesMax: this.policy.messageSizeBytesMax });
  }

  async #findKey(token: string): Promise<ApiKey | undefined> {
    if (!/^[\x21-\x7e]{1,512}$/.test(token)) return undefined;
    try {
      return await this.ports.apiKeys.authenticate(new Secret(token));
    } catch (cause) {
      throw new DoorError('ERR_SMTP_AUTH_UNAVAILABLE', { cause });
    }
  }

  #peerOf(session: SMTPServerSession): Peer {
    return { isTrustedNetwork: this.#trusted.has(session.remoteAddress), apiKey: peerKey(session) };
  }

  #connectionOf(session: SMTPServerSession, { sender }: Transaction): Connection {
    return {
      source: 'smtp',
      isAuthenticated: sender.kind === 'own',
      isTrustedNetwork: this.#trusted.has(session.remoteAddress),
      ip: session.remoteAddress,
      helo: session.hostNameAppearsAs,
      isTls: session.secure,
      apiKeyId: sender.kind === 'own' ? sender.apiKeyId : null,
      connectorId: null,
    };
  }

  #transactionOf(session: SMTPServerSession): Transaction {
    const transaction = this.#transactions.get(session.envelope);
    if (transaction === undefined) throw new DoorError('ERR_SMTP_UNEXPECTED');
    return transaction;
  }

  async #organizationOf(address: string): Promise<string | undefined> {
    return address === '' ? undefined : await this.#organizations.findByDomain(domainOf(address));
  }

  /** RFC 5321 section 4.5.1: `postmaster` alone is the organization's. */
  async #postmasterOf({ organizationId }: Transaction): Promise<string> {
    const organization = organizationId === undefined ? undefined : await this.ports.organizations.load(organizationId);
    const address = normalizeAddress(organization?.postmaster ?? '');
    if (address === undefined) throw new DoorError('ERR_RELAY_DENIED');
    return address;
  }
}

/** Our parser made it; the library hands it on untouched. */
function asPath(command: SMTPServerAddress): PathCommand {
  return { ...command, isAscii: 'isAscii' in command && command.isAscii === true };
}

function peerKey(session: SMTPServerSession): Peer['apiKey'] {
  const user: unknown = session.user;
  return typeof user === 'object' && user !== null && 'organizationId' in user ? (user as Peer['apiKey']) : null;
}
