import { formatRfcDate } from '#lib/mail';
import type { Accepted } from './message.js';

/** What a HELO name may hold in a trace line; anything else a client said is left out. */
const HELO = /^[A-Za-z0-9.:_[\]-]{1,255}$/;

/**
 * The value of our `Received` line (RFC 5321 section 4.4, RFC 3848 for the protocol): from the record alone, so the same
 * whenever it is made. It names no recipient.
 */
export function receivedLine(accepted: Accepted, hostName: string): string {
  const { helo, ip } = accepted.connection;
  const address = ip === null ? '' : ` ([${ip.includes(':') ? `IPv6:${ip}` : ip}])`;
  const name = helo !== null && HELO.test(helo) ? helo : 'unknown';
  const from = ip === null && helo === null ? '' : `from ${name}${address} `;
  return `${from}by ${hostName} (Sealflow) with ${protocolOf(accepted)} id ${accepted.id}; ${formatRfcDate(new Date(accepted.receivedAt))}`;
}

function protocolOf({ connection }: Accepted): string {
  switch (connection.source) {
    case 'smtp':
      return `ESMTP${connection.isTls ? 'S' : ''}${connection.apiKeyId === null ? '' : 'A'}`;
    case 'rest':
    case 'webhook':
      return connection.isTls ? 'HTTPS' : 'HTTP';
    case 'system':
      return 'local';
  }
}
