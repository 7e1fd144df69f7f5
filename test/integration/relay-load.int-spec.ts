import { SmtpRelay } from '#lib/adapters';
import { Secret } from '#lib/core';
import { outgoingOf, sendOptionsOf } from '../support/outgoing.js';
import { ScriptedSmtp } from '../support/scripted-smtp.js';

const MiB = 1 << 20;

describe('the relay under load', () => {
  let server: ScriptedSmtp;
  let relay: SmtpRelay;
  beforeEach(async () => {
    server = await ScriptedSmtp.start({ isForgetful: true });
    relay = new SmtpRelay({ url: new Secret(`smtp://127.0.0.1:${server.port}?tls=none`), hostName: 'mx.example.com' });
  });
  afterEach(async () => {
    await relay.close({ graceMs: 100 });
    await server.stop();
  });

  it('guarantees that 10,000 messages go over a bounded number of connections, each of them once', async () => {
    let most = 0;
    server.script = { isForgetful: true, taken: () => void (most = Math.max(most, server.open)) };
    const message = Buffer.from(`Subject: x\r\n\r\n${'Hello there.\r\n'.repeat(70)}`);
    let left = 10_000;
    let delivered = 0;
    const work = Array.from({ length: 64 }, async () => {
      while (left-- > 0) {
        const [result] = await relay.send(outgoingOf(message), sendOptionsOf());
        if (result?.outcome === 'delivered') delivered += 1;
      }
    });
    await Promise.all(work);
    expect(delivered).toBe(10_000);
    expect(server.messages).toHaveLength(10_000);
    expect(most).toBeLessThanOrEqual(10);
    expect(server.sessions.length).toBeLessThanOrEqual(20);
  }, 60_000);

  it('guarantees that a message of 50 MiB streams: what was read and has not arrived stays small', async () => {
    const piece = Buffer.alloc(65_536, `${'x'.repeat(62)}\r\n`);
    const pieces = (50 * MiB) / piece.length;
    let read = 0;
    let aheadMax = 0;
    async function* open(): AsyncGenerator<Uint8Array> {
      await Promise.resolve();
      for (let count = 0; count < pieces; count += 1) {
        read += piece.length;
        aheadMax = Math.max(aheadMax, read - server.bytes);
        yield piece;
      }
    }
    const outgoing = outgoingOf('', ['ann@customer.example'], { open, sizeBytes: 50 * MiB });
    expect(await relay.send(outgoing, sendOptionsOf())).toMatchObject([{ outcome: 'delivered' }]);
    expect(server.bytes).toBe(50 * MiB + '.\r\n'.length);
    // Mostly what lies in the buffers of the two sockets.
    expect(aheadMax).toBeLessThan(12 * MiB);
  });
});
