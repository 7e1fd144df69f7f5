import { FakeLine } from './fakes/fake-line.js';

const ANN = 'ann@customer.example';
const BOB = 'bob@customer.example';
const HEAD = `From: sue@example.com\r\nTo: ${ANN}\r\nBcc: ${BOB}\r\nSubject: x\r\n`;
const ENCRYPT_ALL = {
  actions: [
    {
      type: 'encrypt' as const,
      method: 'auto' as const,
      template: 'encrypt-only' as const,
      onMissingKey: 'hold' as const,
      subject: 'keep' as const,
    },
  ],
};
const DEEP = HEAD + nested(100);
const WIDE = `${'X-A: 1\r\n'.repeat(3_000)}${HEAD}\r\nbody\r\n`;
const LONG = `X-A: ${`${'y'.repeat(900)}\r\n `.repeat(2_000)}z\r\n${HEAD}\r\nbody\r\n`;
const WORN = `${'Received: by mx.example.com; Tue, 24 Nov 2026 12:00:00 +0000\r\n'.repeat(60)}${HEAD}\r\nbody\r\n`;

function nested(depth: number): string {
  return depth === 0 ? '\r\nbody\r\n' : `Content-Type: message/rfc822\r\n\r\n${nested(depth - 1)}`;
}

/** Recipients of each copy that left, notices apart. */
function sentTo(line: FakeLine, id: string): (readonly string[])[] {
  return line.relay.sent.filter(({ outgoing }) => outgoing.messageId === id).map(({ recipients }) => recipients);
}

describe('A message that cannot be judged', () => {
  it.each([
    ['ERR_MAIL_TOO_DEEP', DEEP],
    ['ERR_MAIL_TOO_MANY_FIELDS', WIDE],
    ['ERR_MAIL_HEADER_TOO_LARGE', LONG],
    ['ERR_LOOP_HOPS', WORN],
  ])('is held with %s, and leaves as it is, once, to whom a person released it unprotected', async (code, raw) => {
    const line = new FakeLine([ENCRYPT_ALL]);
    const id = await line.send(raw, { rcptTo: [ANN, BOB] });
    expect(line.record.recipient(id, ANN)).toMatchObject({ state: 'held', code });
    line.relay.sent.splice(0);
    line.record.wake(id, [ANN], { isUnprotected: true });
    await line.work();
    expect(sentTo(line, id)).toEqual([[ANN]]);
    expect(line.relay.sent[0]?.bytes.toString().endsWith(raw.replace(`Bcc: ${BOB}\r\n`, ''))).toBe(true);
    expect(line.record.recipient(id, ANN)).toMatchObject({ state: 'delivered', protection: 'none' });
    expect(line.record.recipient(id, BOB)).toMatchObject({ state: 'held', code });
    expect(line.troubles).toEqual([]);
  });

  it('guarantees that it stays held where a person asked only to try again', async () => {
    const line = new FakeLine([ENCRYPT_ALL]);
    const id = await line.send(DEEP, { rcptTo: [ANN, BOB] });
    line.record.wake(id, [ANN]);
    await line.work();
    expect(line.record.recipient(id, ANN)).toMatchObject({ state: 'held', code: 'ERR_MAIL_TOO_DEEP' });
    expect(sentTo(line, id)).toEqual([]);
  });

  it('guarantees that of those who are judged again together only the one released unprotected gets it', async () => {
    const line = new FakeLine([ENCRYPT_ALL]);
    const id = await line.send(DEEP, { rcptTo: [ANN, BOB] });
    line.record.wake(id, [ANN], { isUnprotected: true });
    line.record.wake(id, [BOB]);
    await line.work();
    expect(sentTo(line, id)).toEqual([[ANN]]);
    expect(line.record.recipient(id, BOB)).toMatchObject({ state: 'held', code: 'ERR_MAIL_TOO_DEEP' });
  });

  it('stays held where even its header cannot be cut', async () => {
    const line = new FakeLine();
    const id = await line.send(`${'X: 1\r\n'.repeat(20_001)}\r\nbody\r\n`, { rcptTo: [ANN] });
    line.relay.sent.splice(0);
    line.record.wake(id, [ANN], { isUnprotected: true });
    await line.work();
    expect(line.record.recipient(id, ANN)).toMatchObject({ state: 'held', code: 'ERR_MAIL_TOO_MANY_FIELDS' });
    expect(sentTo(line, id)).toEqual([]);
  });
});
