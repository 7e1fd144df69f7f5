import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { RelayTarget } from './relay-url.js';

export interface RelayTimeouts {
  /** From the resolution of the name to the end of STARTTLS, all together. */
  readonly connectMs: number;
  /** Of that, from the connection to the greeting, and for a handshake of TLS. */
  readonly greetingMs: number;
  /** Silence within a dialogue, and while the message is sent. */
  readonly commandMs: number;
  /** From the final dot to the answer (RFC 5321 section 4.5.3.2.6: ten minutes, or mail is doubled). */
  readonly finalMs: number;
}

/** What nodemailer is told of a target. */
export function connectionOptions(target: RelayTarget, name: string, timeouts: RelayTimeouts): SMTPConnection.Options {
  const { host, port, isImplicitTls, tls } = target;
  return {
    host,
    port,
    name,
    secure: isImplicitTls,
    ignoreTLS: tls === 'none',
    opportunisticTLS: tls === 'opportunistic',
    requireTLS: !isImplicitTls && (tls === 'required' || tls === 'verified'),
    tls: { rejectUnauthorized: tls === 'verified' },
    connectionTimeout: timeouts.connectMs,
    dnsTimeout: timeouts.connectMs,
    greetingTimeout: timeouts.greetingMs,
    socketTimeout: timeouts.commandMs,
    socketCloseTimeout: 1000,
    maxResponseSize: 64 * 1024,
    allowInternalNetworkInterfaces: true,
    logger: false,
  };
}
