import { isIP } from 'node:net';
import { hostname } from 'node:os';

/** What this server calls itself: the host of `SEALFLOW_PUBLIC_URL` where that is a name that others know, else the machine's. */
export function hostNameOf(publicUrl: string): string {
  const { hostname: host } = new URL(publicUrl);
  const isLocal = host === 'localhost' || host.endsWith('.localhost') || host.startsWith('[') || isIP(host) !== 0;
  return isLocal ? hostname() : host;
}
