import { LineUnderLoad } from '../support/line-under-load.js';
import { SmtpClient } from '../support/smtp-client.js';
import { waitFor } from '../support/wait-for.js';

const MESSAGE = Buffer.from('From: <ann@clinic.example>\r\nSubject: x\r\n\r\nx\r\n');

describe('PostgreSQL stopped', () => {
  let line: LineUnderLoad;

  beforeAll(async () => {
    line = await LineUnderLoad.start();
  }, 120_000);

  afterAll(async () => {
    await line.stop();
  });

  it('guarantees 451 and 503 while it is away, and that doors and workers go on by themselves', async () => {
    const { product } = line;
    const load = line.load(200);
    await line.accepted(load, 60);
    await product.postgres.kill();
    const client = await SmtpClient.connect(product.smtpPort);
    const refused = await client.send('ann@clinic.example', ['bob@customer.example'], MESSAGE);
    expect(refused.code).toBe(451);
    client.destroy();
    const response = await product.fetch('/v1/messages?mailFrom=ann@clinic.example&rcptTo=bob@customer.example', {
      method: 'POST',
      headers: { 'content-type': 'message/rfc822' },
      body: MESSAGE,
    });
    expect(response.status).toBe(503);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect((await product.fetch('/healthz')).status).toBe(200);
    await waitFor('/readyz to say that the database is away', async () => {
      const ready = await product.fetch('/readyz');
      return ready.status === 503 && (await ready.text()).includes('database');
    });
    await product.postgres.start();
    await product.ready();
    await load.done;
    await line.drained(load, 30_000);
    expect(load.accepted.size).toBe(200);
    expect(line.inClear()).toBe(0);
  }, 180_000);
});
