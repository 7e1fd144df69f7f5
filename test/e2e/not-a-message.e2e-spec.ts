import { randomBytes } from 'node:crypto';
import { LineUnderLoad } from '../support/line-under-load.js';
import { residentBytesOf } from '../../bench/support/process-cpu.js';
import { SmtpClient } from '../support/smtp-client.js';
import { waitFor } from '../support/wait-for.js';

interface MessageView {
  readonly status: string;
  readonly events: readonly { readonly type: string; readonly detail: { readonly code?: string } }[];
}

const HEAD = 'From: <ann@clinic.example>\r\nSubject: x\r\n';

function nested(count: number): string {
  const parts = Array.from({ length: count }, () => 'Content-Type: message/rfc822\r\n\r\n');
  return `${HEAD}${parts.join('')}\r\nend\r\n`;
}

describe('What is not a message', () => {
  let line: LineUnderLoad;

  beforeAll(async () => {
    line = await LineUnderLoad.start();
  }, 120_000);

  afterAll(async () => {
    await line.stop();
  });

  async function post(body: Buffer | string): Promise<Response> {
    return await line.product.fetch('/v1/messages?mailFrom=ann@clinic.example&rcptTo=bob@customer.example', {
      method: 'POST',
      headers: { 'content-type': 'message/rfc822' },
      body: typeof body === 'string' ? Buffer.from(body, 'latin1') : new Uint8Array(body),
    });
  }

  async function settled(response: Response): Promise<MessageView> {
    expect(response.status).toBe(202);
    const { id } = (await response.json()) as { id: string };
    return await waitFor('it to be held or delivered', async () => {
      const view = await line.product.json<MessageView>(`/v1/messages/${id}`);
      return ['held', 'delivered'].includes(view.status) && view;
    });
  }

  const heldWith = (view: MessageView): string | undefined =>
    view.events.find(({ type }) => type === 'held')?.detail.code;

  it.each([
    ['10,000 messages in one another', nested(10_000), 'ERR_MAIL_TOO_DEEP'],
    ['a header of 40 MB', `${HEAD}X-Long: ${'y'.repeat(40_000_000)}\r\n\r\nx\r\n`, 'ERR_MAIL_HEADER_TOO_LARGE'],
    ['100,000 header fields', `${HEAD}${'X-A: b\r\n'.repeat(100_000)}\r\nx\r\n`, 'ERR_MAIL_TOO_MANY_FIELDS'],
  ])(
    'is held under the name of the limit: %s',
    async (_, body, code) => {
      const view = await settled(await post(body));
      expect(view.status).toBe('held');
      expect(heldWith(view)).toBe(code);
    },
    60_000,
  );

  it.each([
    ['random bytes', randomBytes(20_000)],
    ['NUL bytes', Buffer.from(`${HEAD}\r\n\0\0\0 nul \0\r\n`, 'latin1')],
    ['no header at all', Buffer.from('\r\nbody\r\n')],
  ])(
    'is sealed like any other or held with a name, never in clear: %s',
    async (_, body) => {
      const view = await settled(await post(body));
      if (view.status === 'held') expect(heldWith(view)).toMatch(/^ERR_/);
      expect(line.inClear()).toBe(0);
    },
    60_000,
  );

  it('is refused when it is empty', async () => {
    expect((await post('')).status).toBe(422);
  });

  it('is refused with 413 and 552 when it is too large, and is not kept in memory', async () => {
    const { product } = line;
    const idle = residentBytesOf(product.pidOf('api'));
    const chunk = new Uint8Array(1 << 20).fill(0x41);
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        sent += chunk.length;
        if (sent > 200 << 20) controller.close();
        else controller.enqueue(chunk);
      },
    });
    const response = await product
      .fetch('/v1/messages?mailFrom=ann@clinic.example&rcptTo=bob@customer.example', {
        method: 'POST',
        headers: { 'content-type': 'message/rfc822' },
        body: endless,
        duplex: 'half',
      })
      .catch(() => undefined);
    // The client may see the connection close before it reads the answer.
    if (response !== undefined) expect(response.status).toBe(413);
    expect(sent).toBeLessThan(200 << 20);
    expect(residentBytesOf(product.pidOf('api')) - idle).toBeLessThan(100 << 20);
    const client = await SmtpClient.connect(product.smtpPort);
    expect((await client.command('MAIL FROM:<ann@clinic.example> SIZE=60000000')).code).toBe(552);
    await client.command('MAIL FROM:<ann@clinic.example>');
    await client.command('RCPT TO:<bob@customer.example>');
    await client.command('DATA');
    const line64k = `${'a'.repeat(998)}\r\n`.repeat(64);
    for (let at = 0; at < 60_000_000; at += line64k.length) client.write(line64k);
    client.write('.\r\n');
    expect((await client.reply()).code).toBe(552);
    client.destroy();
  }, 120_000);

  it('leaves every process up', async () => {
    await line.product.ready();
    const load = line.load(20);
    await load.done;
    await line.drained(load, 20_000);
  }, 60_000);
});
