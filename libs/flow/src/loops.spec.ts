import { testKey } from '../../../test/support/smime-keys.js';
import { FakeLine } from './fakes/fake-line.js';
import type { Sent } from './fakes/in-memory-relay.js';

const ANN = 'ann@customer.example';
const RAW = [
  'From: Sue <sue@example.com>',
  `To: ${ANN}`,
  'Subject: Quarterly figures',
  'Content-Type: text/plain',
  '',
  'The secret figures.',
  '',
].join('\r\n');
const ENCRYPT = {
  conditions: { all: [{ fact: 'recipient.scope', operator: 'equal', value: 'external' }] },
  actions: [
    { type: 'encrypt', method: 'auto', template: 'encrypt-only', onMissingKey: 'hold', subject: 'keep' } as const,
  ],
};

function sealing(): FakeLine {
  const line = new FakeLine([ENCRYPT]);
  line.keys.add(ANN, testKey('ann').certificate);
  return line;
}

function statesOf(line: FakeLine, id: string): string[] {
  return line.record.message(id).recipients.map(({ address, state, code }) => [address, state, code ?? ''].join(' '));
}

function sentOf(line: FakeLine, id: string): Sent[] {
  return line.relay.sent.filter(({ outgoing }) => outgoing.messageId === id);
}

describe('loops', () => {
  /** Sends what left last back in, as a relay in a circle would. */
  async function handBack(line: FakeLine, connection: { readonly isTrustedNetwork: boolean }): Promise<string> {
    const { bytes, recipients } = line.relay.sent.at(-1)!;
    return await line.send(bytes, { rcptTo: recipients, connection });
  }

  it.each(['clear', 'sealed'])(
    'relays %s mail that came back once without judging it, and holds it the second time',
    async (kind) => {
      const line = kind === 'sealed' ? sealing() : new FakeLine();
      const first = await line.send(RAW, { rcptTo: [ANN] });
      line.publish([{ actions: [{ type: 'delete' }] }]);
      const second = await handBack(line, { isTrustedNetwork: true });
      expect(line.record.recipient(second, ANN)).toMatchObject({ state: 'delivered', protection: 'none' });
      expect(sentOf(line, second)[0]?.bytes.toString().endsWith(sentOf(line, first)[0]!.bytes.toString())).toBe(true);
      const third = await handBack(line, { isTrustedNetwork: true });
      expect(statesOf(line, third)).toEqual([`${ANN} held ERR_LOOP_MARK_TWICE`]);
    },
  );

  it('judges what comes back from a network that is not trusted', async () => {
    const line = new FakeLine();
    await line.send(RAW, { rcptTo: [ANN] });
    line.publish([{ actions: [{ type: 'delete' }] }]);
    expect(statesOf(line, await handBack(line, { isTrustedNetwork: false }))).toEqual([`${ANN} deleted `]);
  });

  it('guarantees that a mark switches no rule off for another subject, type or encoding of the same body', async () => {
    for (const [from, to] of [
      ['Subject: ', 'Subject: Re: '],
      ['\r\n\r\n', '\r\nContent-Transfer-Encoding: base64\r\n\r\n'],
      ['\r\n\r\n', '\r\nsecret figures\r\n\r\n'],
    ] as const) {
      const line = new FakeLine();
      await line.send(RAW, { rcptTo: [ANN] });
      const marked = line.relay.sent[0]!.bytes.toString();
      expect(marked).toContain(from);
      line.publish([{ actions: [{ type: 'delete' }] }]);
      const id = await line.send(marked.replace(from, to), { rcptTo: [ANN] });
      expect(statesOf(line, id)).toEqual([`${ANN} deleted `]);
    }
  });

  it('judges mail of ours that comes back after more than seven days', async () => {
    const line = new FakeLine();
    await line.send(RAW, { rcptTo: [ANN] });
    line.publish([{ actions: [{ type: 'delete' }] }]);
    line.clock.set(new Date(line.clock.now().getTime() + 8 * 24 * 3_600_000));
    expect(statesOf(line, await handBack(line, { isTrustedNetwork: true }))).toEqual([`${ANN} deleted `]);
  });

  it('judges mail into which a mark was copied, and takes the mark out', async () => {
    const line = new FakeLine();
    await line.send(RAW, { rcptTo: [ANN] });
    const marked = line.relay.sent[0]!.bytes.toString().replace('secret figures', 'other figures');
    line.publish([ENCRYPT]);
    line.keys.add(ANN, testKey('ann').certificate);
    const id = await line.send(marked, { rcptTo: [ANN] });
    const message = sentOf(line, id)[0]!.bytes.toString();
    expect(line.record.recipient(id, ANN).protection).toBe('smime');
    expect(message.match(/^X-Sealflow-Loop:/gm)).toHaveLength(1);
  });

  it('knows mail that it let pass, when that began with a line that goes on with what stands above it', async () => {
    const line = new FakeLine();
    await line.send(` and more\r\n${RAW}`, { rcptTo: [ANN] });
    line.publish([{ actions: [{ type: 'delete' }] }]);
    expect(statesOf(line, await handBack(line, { isTrustedNetwork: true }))).toEqual([`${ANN} delivered `]);
  });
});
