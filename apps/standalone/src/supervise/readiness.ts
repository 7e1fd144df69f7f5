import { connect } from 'node:net';

const TIMEOUT_MS = 3000;

/** An API's `/readyz`: what works, and of the rest what is wrong. */
export interface Readiness {
  readonly status: string;
  readonly checks: Readonly<Record<string, { readonly ok: boolean; readonly detail: string }>>;
}

/** Throws while the API does not answer. */
export async function askReadiness(apiUrl: string): Promise<Readiness> {
  const response = await fetch(`${apiUrl}/readyz`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  return (await response.json()) as Readiness;
}

/** Whether the API knows that key. */
export async function accepts(apiUrl: string, apiKey: string): Promise<boolean> {
  const response = await fetch(`${apiUrl}/v1/rules?limit=1`, {
    headers: { authorization: `Bearer ${apiKey}` },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  return response.ok;
}

/** Whether an SMTP server greets there. */
export function greets(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: TIMEOUT_MS });
    const end = (result: boolean): void => {
      socket.destroy();
      resolve(result);
    };
    socket.once('data', (greeting) => {
      socket.end('QUIT\r\n');
      end(greeting.toString('latin1').startsWith('220'));
    });
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
  });
}

/** Where to reach what listens on `host`: this machine, if that is all addresses. */
export function reachableHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}

export function httpUrl(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
