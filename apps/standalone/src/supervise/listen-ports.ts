import { createServer, type Server } from 'node:net';
import { systemCodeOf } from '#lib/adapters';
import { Failure } from '../failure.js';

const TRIES = 100;
const SIGN_DISTANCE = 20_000;

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

export interface HeldPort {
  readonly port: number;
  /** Lets others have it again. */
  release(): void;
}

/**
 * That port, or the next one that is free, held against other demos that start at this moment: between choosing a port
 * and listening on it lies the start of a process. What is listened on meanwhile is the port that many above.
 */
export async function holdPort(host: string, from: number): Promise<HeldPort> {
  for (let port = from; port < from + TRIES; port += 1) {
    if ((await whyNotFree(host, port)) !== undefined) continue;
    const sign = await listen(host, port + SIGN_DISTANCE);
    if (sign === undefined) continue;
    // Whoever held it until now may just have begun to listen.
    if ((await whyNotFree(host, port)) === undefined) return { port, release: () => sign.close() };
    sign.close();
  }
  return { port: await freePort(host), release: () => undefined };
}

function listen(host: string, port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', () => resolve(undefined));
    server.listen({ host, port, exclusive: true }, () => resolve(server.unref()));
  });
}
