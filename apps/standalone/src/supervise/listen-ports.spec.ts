import { once } from 'node:events';
import { createServer } from 'node:net';
import { claimPort, freePort, holdPort, whyNotFree } from './listen-ports.js';

const HOST = '127.0.0.1';

describe('ports', () => {
  it('names the variable of one that is taken', async () => {
    const server = createServer().listen(0, HOST);
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    await expect(claimPort(HOST, port, 'SEALFLOW_HTTP_PORT')).rejects.toThrow(
      `Port ${port} is taken by another program: set SEALFLOW_HTTP_PORT to a free one.`,
    );
    expect(await whyNotFree(HOST, port)).toBe('EADDRINUSE');
    server.close();
    await once(server, 'close');
    expect(await claimPort(HOST, port, 'SEALFLOW_HTTP_PORT')).toBe(port);
  });

  it('finds one for 0', async () => {
    expect(await claimPort(HOST, 0, 'SEALFLOW_HTTP_PORT')).toBeGreaterThan(0);
  });

  it('gives two who ask at the same time two ports, before either listens', async () => {
    // Below the ports that the system gives away by itself.
    const from = 4000 + ((await freePort(HOST)) % 1000);
    const [one, two] = await Promise.all([holdPort(HOST, from), holdPort(HOST, from)]);
    expect(one.port).not.toBe(two.port);
    for (const held of [one, two]) held.release();
    const again = await holdPort(HOST, from);
    expect([one.port, two.port]).toContain(again.port);
    again.release();
  });
});
