import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LineUnderLoad } from '../support/line-under-load.js';
import { SmtpClient } from '../support/smtp-client.js';

const isRoot = process.getuid?.() === 0;
const MESSAGE = Buffer.from(`From: <ann@clinic.example>\r\nSubject: x\r\n\r\n${'x'.repeat(70)}\r\n`);
const LARGE = Buffer.concat([MESSAGE, Buffer.from(`${'y'.repeat(70)}\r\n`.repeat(40_000))]);

(isRoot ? describe : describe.skip)('The disk full (skipped: only root can mount a small one)', () => {
  let line: LineUnderLoad;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sealflow-small-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', folder]);
    line = await LineUnderLoad.start({ environment: { SEALFLOW_BLOB_URL: `file:${folder}` } });
  }, 120_000);

  afterAll(async () => {
    await line.stop();
    execFileSync('umount', ['-l', folder]);
    rmSync(folder, { recursive: true, force: true });
  });

  async function bySmtp(message: Buffer): Promise<number> {
    const client = await SmtpClient.connect(line.product.smtpPort);
    const { code } = await client.send('ann@clinic.example', ['bob@customer.example'], message);
    client.destroy();
    return code;
  }

  async function byRest(message: Buffer): Promise<number> {
    const response = await line.product.fetch('/v1/messages?mailFrom=ann@clinic.example&rcptTo=bob@customer.example', {
      method: 'POST',
      headers: { 'content-type': 'message/rfc822' },
      body: new Uint8Array(message),
    });
    return response.status;
  }

  it('guarantees 452 and 507, nothing half kept, and that it goes on when there is room again', async () => {
    expect(await bySmtp(MESSAGE)).toBe(250);
    const filler = join(folder, 'filler');
    try {
      writeFileSync(filler, Buffer.alloc(128 << 20));
    } catch {
      // It is full now.
    }
    expect(await bySmtp(LARGE)).toBe(452);
    expect(await byRest(LARGE)).toBe(507);
    rmSync(filler);
    expect(await bySmtp(LARGE)).toBe(250);
    expect(await byRest(LARGE)).toBe(202);
    await line.sink.expect(3, 'bob@customer.example', 30_000);
    expect(line.inClear()).toBe(0);
  }, 120_000);
});
