import { defaultMailLimits } from '#lib/mail';
import { LOOP_HEADER } from './loop-mark.js';
import { FakeLine, POSTMASTER } from './fakes/fake-line.js';
import { InlineJudge } from './fakes/inline-judge.js';

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

function mixed(parts: number): string {
  return `${HEAD}Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n\r\nx\r\n'.repeat(parts)}--b--\r\n`;
}

function nested(depth: number): string {
  return depth === 0 ? '\r\nbody\r\n' : `Content-Type: message/rfc822\r\n\r\n${nested(depth - 1)}`;
}

/** Recipients of each copy that left, notices apart. */
function sentTo(line: FakeLine, id: string): (readonly string[])[] {
  return line.relay.sent.filter(({ outgoing }) => outgoing.messageId === id).map(({ recipients }) => recipients);
}

/** Ann's copy is held with the code; released unprotected it leaves with these bytes. */
async function expectReleased(line: FakeLine, id: string, code: string): Promise<string> {
  expect(line.record.recipient(id, ANN)).toMatchObject({ state: 'held', code });
  line.relay.sent.splice(0);
  line.record.wake(id, [ANN], { isUnprotected: true });
  await line.work();
  expect(sentTo(line, id)).toEqual([[ANN]]);
  expect(line.record.recipient(id, ANN)).toMatchObject({ state: 'delivered', protection: 'none' });
  return line.relay.sent[0]?.bytes.toString() ?? '';
}

describe('A message that cannot be judged', () => {
  it.each([
    ['ERR_MAIL_TOO_DEEP', DEEP],
    ['ERR_MAIL_TOO_MANY_FIELDS', WIDE],
    ['ERR_MAIL_HEADER_TOO_LARGE', LONG],
    [
      'ERR_MAIL_BOUNDARY_TOO_LONG',
      `${HEAD}Content-Type: multipart/mixed; boundary="${'b'.repeat(1_500)}"\r\n\r\nbody\r\n`,
    ],
    ['ERR_MAIL_TOO_MANY_PARTS', mixed(2_001)],
    ['ERR_MAIL_TOO_MANY_ADDRESSES', `Cc: ${'a@b.example,\r\n '.repeat(10_001)}c@b.example\r\n${HEAD}\r\nbody\r\n`],
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

  it.each([
    ['ERR_MAIL_TEXT_TOO_LARGE', { textCharsMax: 10 }],
    ['ERR_MAIL_DECODED_TOO_LARGE', { decodedSizeBytesMax: 10 }],
  ])('leaves when it is released unprotected from %s', async (code, limits) => {
    const line = new FakeLine([ENCRYPT_ALL]);
    const judge = new InlineJudge(line.blobs, { limits: { ...defaultMailLimits, ...limits } });
    Object.assign(line.ports, { judge });
    const id = await line.send(`${HEAD}\r\na body of more than ten characters\r\n`, { rcptTo: [ANN] });
    await expectReleased(line, id, code);
  });

  it.each(['ERR_JUDGE_TIMEOUT', 'ERR_JUDGE_CRASHED', 'ERR_RULE_SET_INVALID', 'ERR_ENGINE_INCOMPLETE'])(
    'leaves when it is released unprotected from %s',
    async (code) => {
      const line = new FakeLine([ENCRYPT_ALL]);
      Object.assign(line.ports, { judge: { judge: () => Promise.resolve({ kind: 'unjudged', code }) } });
      const id = await line.send(`${HEAD}\r\nbody\r\n`, { rcptTo: [ANN] });
      await expectReleased(line, id, code);
    },
  );

  it('leaves when it is released unprotected from ERR_LOOP_MARK_TWICE, with its marks, so that it is known again', async () => {
    const line = new FakeLine();
    await line.send(`${HEAD}\r\nbody\r\n`, { rcptTo: [ANN] });
    const once = line.relay.sent.splice(0)[0]?.bytes ?? new Uint8Array();
    await line.send(once, { rcptTo: [ANN] });
    const twice = line.relay.sent.splice(0)[0]?.bytes ?? new Uint8Array();
    const id = await line.send(twice, { rcptTo: [ANN] });
    const bytes = await expectReleased(line, id, 'ERR_LOOP_MARK_TWICE');
    expect(bytes.split(`${LOOP_HEADER}:`)).toHaveLength(4);
  });

  it('guarantees that it stays held where a person asked only to try again', async () => {
    const line = new FakeLine([ENCRYPT_ALL]);
    const id = await line.send(DEEP, { rcptTo: [ANN, BOB] });
    line.record.wake(id, [ANN]);
    await line.work();
    expect(line.record.recipient(id, ANN)).toMatchObject({ state: 'held', code: 'ERR_MAIL_TOO_DEEP' });
    expect(sentTo(line, id)).toEqual([]);
  });

  it('guarantees that the postmaster is told of it once, whoever of its recipients is tried again, and how', async () => {
    const line = new FakeLine([ENCRYPT_ALL]);
    const id = await line.send(DEEP, { rcptTo: [ANN, BOB] });
    const told = (): number => line.relay.sent.filter(({ recipients }) => recipients.includes(POSTMASTER)).length;
    expect(told()).toBe(1);
    for (const [again, released] of [
      [[BOB], []],
      [[ANN], []],
      [[BOB], [ANN]],
    ] as const) {
      line.record.wake(id, again);
      line.record.wake(id, released, { isUnprotected: true });
      await line.work();
    }
    expect(line.record.recipient(id, BOB).state).toBe('held');
    expect(line.record.recipient(id, ANN).state).toBe('delivered');
    expect(told()).toBe(1);
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

  it.each([
    ['ERR_MAIL_TOO_MANY_FIELDS', 'X: 1\r\n'.repeat(20_001)],
    ['ERR_MAIL_HEADER_TOO_LARGE', `X: ${'y'.repeat(9 << 20)}\r\n`],
  ])('leaves as it is, without Bcc, where even its header cannot be cut: %s', async (code, wide) => {
    const line = new FakeLine([ENCRYPT_ALL]);
    const raw = `${wide}${HEAD}\r\nBcc: in the body\r\n`;
    const id = await line.send(raw, { rcptTo: [ANN, BOB] });
    const sent = await expectReleased(line, id, code);
    const expected = raw.replace(`Bcc: ${BOB}\r\n`, '');
    expect(sent.endsWith(expected)).toBe(true);
    expect(sent.slice(0, -expected.length)).toMatch(
      /^X-Sealflow-Id: .*\r\nX-Sealflow-Loop: [^]*\r\nReceived: [^]*\r\n$/,
    );
    expect(line.relay.sent[0]?.outgoing.sizeBytes).toBe(Buffer.byteLength(sent));
    expect(line.troubles).toEqual([]);
  });
});
