import type { Accepted } from './message.js';

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
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
  return `${from}by ${hostName} (Sealflow) with ${protocolOf(accepted)} id ${accepted.id}; ${mailDate(new Date(accepted.receivedAt))}`;
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

/** RFC 5322 section 3.3, in UTC. */
export function mailDate(at: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${DAYS[at.getUTCDay()] ?? ''}, ${at.getUTCDate()} ${MONTHS[at.getUTCMonth()] ?? ''} ${at.getUTCFullYear()}`;
  return `${day} ${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())} +0000`;
}
