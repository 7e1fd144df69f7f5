import { createServer } from 'node:net';
import { systemCodeOf } from '#lib/adapters';
import { Failure } from '../failure.js';

const TRIES = 100;

/** What stands in the way of listening there; `undefined` if nothing does. `port` 0 is always free. */
export function whyNotFree(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve(systemCodeOf(error)));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

/** A port that is free at this moment. */
export function freePort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, host, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** Throws `Failure` that names the variable if the port cannot be listened on; 0 becomes a free one. */
export async function claimPort(host: string, port: number, variable: string): Promise<number> {
  if (port === 0) return freePort(host);
  const code = await whyNotFree(host, port);
  switch (code) {
    case undefined:
      return port;
    case 'EADDRINUSE':
      throw new Failure(`Port ${port} is taken by another program: set ${variable} to a free one.`);
    case 'EACCES':
      throw new Failure(`Port ${port} may not be used by this user: set ${variable} to one above 1023.`);
    default:
      throw new Failure(`Nothing can listen on ${host} (${code}): set SEALFLOW_HOST to an address of this machine.`);
  }
}

/** That port, or the next one that is free and not among `taken`. */
export async function nextFreePort(host: string, from: number, taken: readonly number[]): Promise<number> {
  for (let port = from; port < from + TRIES; port += 1) {
    if (!taken.includes(port) && (await whyNotFree(host, port)) === undefined) return port;
  }
  return freePort(host);
}
