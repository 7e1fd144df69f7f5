import { LineUnderLoad } from '../support/line-under-load.js';
import { MailSink } from '../support/mail-sink.js';
import { waitFor } from '../support/wait-for.js';

interface MessageView {
  readonly id: string;
  readonly status: string;
  readonly recipients: readonly {
    readonly address: string;
    readonly state: string;
    readonly delivery: { readonly attempts: number; readonly lastReply: string };
  }[];
}

describe('A relay that misbehaves', () => {
  let line: LineUnderLoad;

  beforeAll(async () => {
    line = await LineUnderLoad.start();
  }, 120_000);

  afterAll(async () => {
    await line.stop();
  });

  beforeEach(() => {
    line.sink.arrived.length = 0;
    line.sink.mischief = {};
  });

  async function send(rcptTo: readonly string[]): Promise<string> {
    const query = new URLSearchParams([
      ['mailFrom', 'ann@clinic.example'],
      ...rcptTo.map((one): [string, string] => ['rcptTo', one]),
    ]);
    const response = await line.product.fetch(`/v1/messages?${query.toString()}`, {
      method: 'POST',
      headers: { 'content-type': 'message/rfc822' },
      body: 'From: <ann@clinic.example>\r\nTo: <bob@customer.example>\r\nSubject: x\r\n\r\nx\r\n',
    });
    expect(response.status).toBe(202);
    return ((await response.json()) as { id: string }).id;
  }

  async function view(id: string, isSo: (message: MessageView) => boolean): Promise<MessageView> {
    return await waitFor('the message to be so', async () => {
      const message = await line.product.json<MessageView>(`/v1/messages/${id}`);
      return isSo(message) && message;
    });
  }

  const stateOf = (message: MessageView): string | undefined => message.recipients[0]?.state;

  it('is down: mail waits as deferred, and leaves when a person asks for another attempt', async () => {
    const { port } = line.sink;
    await line.sink.stop();
    const id = await send(['bob@customer.example']);
    await view(id, (message) => stateOf(message) === 'deferred');
    const back = await MailSink.start(port);
    try {
      await line.product.json(`/v1/messages/${id}/retry`, {});
      await back.expect(1, 'bob@customer.example');
      await view(id, (message) => message.status === 'delivered');
    } finally {
      await back.stop();
      Object.assign(line, { sink: await MailSink.start(port) });
    }
  }, 60_000);

  it('is slow: the message is delivered once', async () => {
    line.sink.mischief = { delayMs: 7000 };
    const id = await send(['bob@customer.example']);
    await view(id, (message) => message.status === 'delivered');
    expect(line.sink.arrived).toHaveLength(1);
  }, 60_000);

  it('drops the connection after DATA: deferred, never taken for delivered', async () => {
    line.sink.mischief = { data: () => 'drop' };
    const id = await send(['bob@customer.example']);
    await view(id, (message) => stateOf(message) === 'deferred');
    line.sink.mischief = {};
    await line.product.json(`/v1/messages/${id}/retry`, {});
    await view(id, (message) => message.status === 'delivered');
    expect(line.sink.arrived).toHaveLength(1);
  }, 60_000);

  it('took it and lost the answer: it goes once more with the same Message-ID and id', async () => {
    line.sink.mischief = { data: () => 'dropAfter' };
    const id = await send(['bob@customer.example']);
    await view(id, (message) => stateOf(message) === 'deferred');
    line.sink.mischief = {};
    await line.product.json(`/v1/messages/${id}/retry`, {});
    await view(id, (message) => message.status === 'delivered');
    const [first, second] = line.sink.arrived;
    expect(line.sink.arrived).toHaveLength(2);
    expect(second?.raw).toEqual(first?.raw);
  }, 60_000);

  it('refuses one recipient for good and another for now: only that one waits, and the sender has a DSN for the first', async () => {
    await line.product.json('/v1/rules', {
      name: 'Colleagues in clear',
      priority: 0,
      conditions: { all: [{ fact: 'recipient.domain', operator: 'equal', value: 'clinic.example' }] },
      actions: [{ type: 'stop' }],
    });
    line.sink.mischief = {
      rcpt: (address) => (address.startsWith('gone@') ? 550 : address.startsWith('later@') ? 451 : undefined),
    };
    const id = await send(['here@clinic.example', 'gone@clinic.example', 'later@clinic.example']);
    const states = async (): Promise<Record<string, string>> => {
      const { recipients } = await line.product.json<MessageView>(`/v1/messages/${id}`);
      return Object.fromEntries(recipients.map(({ address, state }) => [address.split('@')[0] ?? '', state]));
    };
    await waitFor('each to have its own fate', async () => {
      const { here, gone, later } = await states();
      return here === 'delivered' && gone === 'bounced' && later === 'deferred';
    });
    const [dsn] = await line.sink.expect(1, 'ann@clinic.example');
    const text = dsn?.raw.toString() ?? '';
    expect(dsn?.mailFrom).toBe('');
    expect(text).toMatch(/Content-Type: multipart\/report;[^\n]*\s*[^\n]*report-type=delivery-status/);
    expect(text).toContain('gone@clinic.example');
    expect(text).not.toContain('later@clinic.example');
    line.sink.mischief = {};
    await line.product.json(`/v1/messages/${id}/retry`, {});
    await waitFor('the last to be delivered', async () => (await states())['later'] === 'delivered');
    expect(line.sink.for('here@clinic.example')).toHaveLength(1);
  }, 60_000);
});
