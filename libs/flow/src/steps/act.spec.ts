import { createHash, randomBytes } from 'node:crypto';
import { openMessage } from '#lib/crypto';
import { defaultMailLimits, parseMail, type ParsedMail } from '#lib/mail';
import { testKey } from '../../../../test/support/smime-keys.js';
import { collect, concat } from '../byte-streams.js';
import { InMemoryBlobs } from '../fakes/in-memory-blobs.js';
import { InMemoryKms } from '../fakes/in-memory-kms.js';
import { acceptedOf } from '../fakes/samples.js';
import { LoopMarks } from '../loop-mark.js';
import type { Accepted, Outgoing, PlanGroup } from '../message.js';
import { act, assertMade, readBareHeader, reopen, type ActContext } from './act.js';

const ANN = 'ann@customer.example';
const BOB = 'bob@customer.example';
const RAW = [
  'Received: from a by b; Tue, 24 Nov 2026 11:00:00 +0000',
  'From: Sue <sue@example.com>',
  'to: ann@customer.example',
  'Bcc: bob@customer.example,',
  '\tcarl@customer.example',
  'Subject: =?utf-8?Q?Quarterly_figures?=',
  'Content-Type: text/plain; charset=utf-8',
  'X-Odd:   two   spaces ',
  'content-transfer-encoding: 8bit',
  'List-Id: <x.example.com>',
  '',
  'Grüße\r\n\r\n.\r\n--\r\nend without line end',
].join('\r\n');

interface World {
  readonly context: ActContext;
  readonly accepted: Accepted;
  readonly blobs: InMemoryBlobs;
  readonly marks: LoopMarks;
}

async function worldOf(raw: string | Buffer, memoryBytes = 1 << 22): Promise<World> {
  const bytes = Buffer.from(raw);
  const kms = new InMemoryKms();
  const blobs = new InMemoryBlobs();
  const { key: dataKey } = await kms.newDataKey('an-organization');
  const { ref } = await blobs.write(dataKey, concat(bytes));
  const accepted = { ...acceptedOf({ rcptTo: [ANN, BOB] }), blob: ref, sizeBytes: bytes.length };
  const marks = new LoopMarks(await kms.secretFor('loop-mark'));
  const mail = await parseMail(concat(bytes), defaultMailLimits);
  const certificates = new Map([[ANN, testKey('ann').certificate]]);
  const openRaw = (): AsyncIterable<Uint8Array> => blobs.read(dataKey, ref);
  const memory = { bytesLeft: memoryBytes };
  const places = { blobs, random: randomBytes, hostName: 'mx.example.com', dataKey, certificates, memory };
  const source = { accepted, mail, marks, openRaw };
  return { context: { ...places, ...source, header: await readBareHeader(source) }, accepted, blobs, marks };
}

function groupOf(protection: 'none' | 'smime', more: Partial<PlanGroup> = {}): PlanGroup {
  const recipients = [{ address: ANN, origin: 'envelope', rules: [] } as const];
  return { deliveryId: 'a-delivery', recipients, edits: [], protection, subject: 'keep', ...more } as PlanGroup;
}

/** The mark of a copy for Ann whose header and body are as they were received. */
function markOf({ marks }: World, given: { id: string; mail: ParsedMail; recipients?: readonly string[] }): string {
  const { id, mail, recipients = [ANN] } = given;
  const { bodySha256, headerSha256 } = mail;
  return marks.write({ id, recipients, bodySha256, headerSha256, acceptedAt: new Date('2026-11-24T12:00:00Z') });
}

/** How many of the marks of a copy for Ann are valid when it comes back. */
async function validMarksOf({ marks }: World, message: AsyncIterable<Uint8Array>): Promise<number> {
  const { loopMarks, loopIds: ids, bodySha256, headerSha256 } = await parseMail(message, defaultMailLimits);
  const receivedAt = new Date('2026-11-24T12:01:00Z');
  return marks.validOf(loopMarks, { ids, recipients: [ANN], bodySha256, headerSha256, receivedAt }).length;
}

async function bytesOf(outgoing: Outgoing): Promise<string> {
  return (await collect(outgoing.open())).toString();
}

function split(message: string): [string[], string] {
  const end = message.indexOf('\r\n\r\n');
  return [message.slice(0, end).split('\r\n'), message.slice(end + 4)];
}

async function opened(message: string): Promise<string> {
  const entity = openMessage(concat(Buffer.from(message)), [testKey('ann')], { random: randomBytes });
  return (await collect(entity)).toString();
}

describe('a clear copy', () => {
  it('guarantees that nothing changes but our lines on top and the Bcc line, which is gone', async () => {
    const world = await worldOf(RAW);
    const { context, accepted } = world;
    const outgoing = await act(context, groupOf('none'));
    const message = await bytesOf(outgoing);
    const mark = markOf(world, { id: accepted.id, mail: context.mail });
    const unfolded = message.replaceAll('\r\n ', ' ');
    const top = [
      `X-Sealflow-Id: ${accepted.id}`,
      `X-Sealflow-Loop: ${mark}`,
      `Received: from client.example.com ([192.0.2.1]) by mx.example.com (Sealflow) with ESMTPS id ${accepted.id}; Tue, 24 Nov 2026 12:00:00 +0000`,
    ].join('\r\n');
    const rest = RAW.replace('Bcc: bob@customer.example,\r\n\tcarl@customer.example\r\n', '');
    expect(unfolded).toBe(`${top}\r\n${rest}`);
    expect(outgoing).toMatchObject({ sizeBytes: Buffer.byteLength(message), has8bit: true, blob: null });
  });

  it('guarantees that no line of hidden recipients leaves, of those to whom it was sent again neither', async () => {
    const { context } = await worldOf(RAW.replace('X-Odd', 'resent-bcc : dora@customer.example\r\nX-Odd'));
    for (const protection of ['none', 'smime'] as const) {
      expect(await bytesOf(await act(context, groupOf(protection)))).not.toMatch(
        /^[\w-]*bcc[ \t]*:|bob@|carl@|dora@/im,
      );
    }
  });

  it('may be opened again and again, also when memory is short', async () => {
    const { context, blobs } = await worldOf(RAW, 0);
    const outgoing = await act(context, groupOf('none'));
    expect(await bytesOf(outgoing)).toBe(await bytesOf(outgoing));
    expect(blobs.openReads).toBe(0);
  });

  it('has the edits of rules', async () => {
    const { context } = await worldOf(RAW);
    const edits = [
      { type: 'setSubject', text: '[x] Grüße' },
      { type: 'setHeader', name: 'X-Mark', value: 'yes' },
      { type: 'removeHeader', name: 'List-Id' },
    ] as const;
    const outgoing = await act(context, groupOf('none', { edits }));
    const message = await bytesOf(outgoing);
    const [lines, body] = split(message);
    expect(lines).toContain('X-Mark: yes');
    expect(lines.some((line) => line.startsWith('List-Id'))).toBe(false);
    expect(lines.filter((line) => line.startsWith('Subject:'))).toHaveLength(1);
    expect(body).toBe(split(RAW)[1]);
    expect(outgoing.sizeBytes).toBe(Buffer.byteLength(message));
  });

  it.each([
    ['has no empty line', 'Subject: x\r\nFrom: a@example.com'],
    ['has no header', '\r\nbody only\r\n'],
    ['is empty', ''],
    ['has a line that is no field', 'Subject: x\r\nthis is no field\r\n\r\nbody'],
    ['has a first line that goes on with what stands above it', ' and more\r\nSubject: x\r\n\r\nbody'],
    ['has a header longer than one piece', `X-Long: ${'y'.repeat(60_000)}\r\n\r\nbody`],
  ])('keeps every byte of a message that %s', async (_name, raw) => {
    const { context } = await worldOf(raw);
    const outgoing = await act(context, groupOf('none'));
    const message = await bytesOf(outgoing);
    expect(message.endsWith(raw)).toBe(true);
    expect(message.startsWith('X-Sealflow-Id: ')).toBe(true);
    expect(outgoing.sizeBytes).toBe(Buffer.byteLength(message));
  });

  it('loses loop marks that are wrong and keeps one that is right', async () => {
    const world = await worldOf(RAW);
    const { accepted, context } = world;
    const { mail } = context;
    const right = markOf(world, { id: 'earlier', mail, recipients: [ANN, BOB] });
    const wrong = markOf(world, { id: 'earlier', mail, recipients: [BOB] });
    const again = await worldOf(
      `X-Sealflow-Id: earlier\r\nX-Sealflow-Loop: ${wrong}\r\nX-Sealflow-Loop: ${right}\r\nX-Sealflow-Loop: x\r\n${RAW}`,
    );
    const [lines] = split((await bytesOf(await act(again.context, groupOf('none')))).replaceAll('\r\n ', ' '));
    expect(lines.filter((line) => line.startsWith('X-Sealflow-Loop:'))).toEqual([
      `X-Sealflow-Loop: ${markOf(world, { id: accepted.id, mail })}`,
      `X-Sealflow-Loop: ${right}`,
    ]);
    expect(mail.bodySha256).toBe(createHash('sha256').update(split(RAW)[1]).digest('hex'));
  });
});

describe('a sealed copy', () => {
  it('guarantees that the recipient opens it to the original content lines and the body, byte for byte', async () => {
    const { context } = await worldOf(RAW);
    const message = await bytesOf(await act(context, groupOf('smime')));
    expect(await opened(message)).toBe(
      `Content-Type: text/plain; charset=utf-8\r\ncontent-transfer-encoding: 8bit\r\n\r\n${split(RAW)[1]}`,
    );
  });

  it('keeps all other lines in their order and shows nothing of the content', async () => {
    const { context, accepted } = await worldOf(RAW);
    const outgoing = await act(context, groupOf('smime'));
    const message = await bytesOf(outgoing);
    const [lines] = split(message.replaceAll('\r\n ', ' '));
    expect(lines.map((line) => line.slice(0, line.indexOf(':')))).toEqual([
      ...['X-Sealflow-Id', 'X-Sealflow-Loop', 'Received', 'Received', 'From', 'to', 'Subject', 'X-Odd', 'List-Id'],
      ...['MIME-Version', 'Content-Type', 'Content-Transfer-Encoding', 'Content-Disposition'],
    ]);
    expect(lines).toContain('X-Odd:   two   spaces ');
    expect(message).not.toContain('Grüße');
    expect(outgoing).toMatchObject({ sizeBytes: message.length, has8bit: false, messageId: accepted.id });
  });

  it.each([
    ['among the fields', RAW.replace('X-Odd:', 'this is no field\r\nX-Odd:')],
    ['where there is no empty line', 'Subject: x\r\nthis is no field'],
  ])('guarantees that text which stands in the header leaves in no sealed copy: %s', async (_name, raw) => {
    const { context, blobs } = await worldOf(raw);
    const written = blobs.blobs.size;
    await expect(act(context, groupOf('smime'))).rejects.toMatchObject({ code: 'ERR_MAIL_STRAY_LINES' });
    expect(blobs.blobs.size).toBe(written);
  });

  it('leaves out the line that separates messages in a mailbox file', async () => {
    const mbox = 'From sue@example.com Tue Nov 24 11:00:00 2026\r\n';
    const { context } = await worldOf(mbox + RAW);
    const message = await bytesOf(await act(context, groupOf('smime')));
    expect(message).not.toContain('sue@example.com Tue');
    expect(await opened(message)).toContain('Grüße');
    expect((await bytesOf(await act(context, groupOf('none')))).includes(`\r\n${mbox}`)).toBe(true);
  });

  it('carries a loop mark over the header and the body that leave', async () => {
    const world = await worldOf(RAW);
    const edits = [{ type: 'setSubject', text: '[x] Grüße' }] as const;
    for (const group of [
      groupOf('smime', { edits }),
      groupOf('smime', { subject: 'hide' }),
      groupOf('none', { edits }),
    ]) {
      const message = await bytesOf(await act(world.context, group));
      expect(message).toContain(`X-Sealflow-Id: ${world.accepted.id}\r\n`);
      expect(await validMarksOf(world, concat(Buffer.from(message)))).toBe(1);
      const renamed = message.replace(/^Subject: .*$/m, 'Subject: other');
      expect(await validMarksOf(world, concat(Buffer.from(renamed)))).toBe(0);
    }
  });

  it('hides the subject if that is asked for', async () => {
    const { context } = await worldOf(
      RAW.replace('X-Odd:', 'Thread-Topic: Quarterly figures\r\nX-Old: Re: Quarterly figures\r\nX-Odd:'),
    );
    const edits = [{ type: 'setSubject', text: '[x] Figures' }] as const;
    const message = await bytesOf(await act(context, groupOf('smime', { subject: 'hide', edits })));
    const [lines] = split(message);
    expect(lines.filter((line) => line.startsWith('Subject:'))).toEqual(['Subject: Encrypted message']);
    expect(message).not.toMatch(/figures/i);
    expect(lines).toContain('X-Odd:   two   spaces ');
  });

  it('lies in the blob store whole before it is handed on, small or large, and memory does not matter', async () => {
    for (const sizeBytes of [10, 3_000_000]) {
      for (const memoryBytes of [0, 1 << 22]) {
        const body = 'x'.repeat(sizeBytes);
        const world = await worldOf(`Subject: x\r\n\r\n${body}`, memoryBytes);
        const { context, blobs } = world;
        const outgoing = await act(context, groupOf('smime'));
        const message = await bytesOf(outgoing);
        expect(blobs.blobs.get(outgoing.blob ?? '')?.bytes.toString()).toBe(message);
        expect(await opened(message)).toBe(`Content-Type: text/plain\r\n\r\n${body}`);
        expect(outgoing.sizeBytes).toBe(message.length);
        expect(await validMarksOf(world, outgoing.open())).toBe(1);
        expect(blobs.openReads).toBe(0);
      }
    }
  });

  it('guarantees that a large message streams: what was read and not yet written stays small', async () => {
    const piece = Buffer.alloc(65_536, 'x');
    const pieces = 300;
    const raw = Buffer.concat([Buffer.from('Subject: x\r\n\r\n'), piece]);
    const { context } = await worldOf(raw);
    const mail = { ...context.mail, sizeBytes: context.mail.headerSizeBytes + piece.length * pieces };
    let ahead = 0;
    let aheadMax = 0;
    async function* openRaw(): AsyncGenerator<Uint8Array> {
      await Promise.resolve();
      yield raw.subarray(0, context.mail.headerSizeBytes);
      for (let count = 0; count < pieces; count += 1) {
        ahead += piece.length;
        yield piece;
      }
    }
    const blobs: ActContext['blobs'] = {
      write: async (_key, source) => {
        let sizeBytes = 0;
        for await (const { length } of source) {
          aheadMax = Math.max(aheadMax, ahead);
          ahead = Math.max(0, ahead - length);
          sizeBytes += length;
        }
        return { ref: 'nowhere', sizeBytes, sha256: '00' };
      },
      read: (_key, _ref) => concat(Buffer.from('what was written')),
    };
    const outgoing = await act({ ...context, mail, openRaw, blobs }, groupOf('smime'));
    expect(outgoing.blob).toBe('nowhere');
    expect(aheadMax).toBeGreaterThan(0);
    expect(aheadMax).toBeLessThan(1 << 20);
  });

  it('goes out with the bytes of the first time when it is tried again', async () => {
    const { context, accepted } = await worldOf(RAW);
    const outgoing = await act(context, groupOf('smime'));
    const { deliveryId: id, sizeBytes, has8bit, blob } = outgoing;
    const delivery = { id, sizeBytes, has8bit, blob: blob ?? '', protection: 'smime', addresses: [ANN] } as const;
    const again = reopen(context, delivery, outgoing.recipients);
    expect(await bytesOf(again)).toBe(await bytesOf(outgoing));
    expect(again).toMatchObject({
      deliveryId: id,
      protection: 'smime',
      sizeBytes,
      mailFrom: accepted.envelope.mailFrom,
    });
  });

  it('guarantees that without a certificate there is an error, not a copy', async () => {
    const { context } = await worldOf(RAW);
    const recipients = [{ address: BOB, origin: 'envelope', rules: [] }] as const;
    await expect(act(context, groupOf('smime', { recipients }))).rejects.toMatchObject({ code: 'ERR_KEY_MISSING' });
  });

  it('guarantees that when the blob store fails there is an error, not a copy', async () => {
    const { context, blobs } = await worldOf(RAW);
    blobs.writeFailures.push(new Error('disk full'));
    await expect(act(context, groupOf('smime'))).rejects.toThrow('disk full');
  });
});

describe('what may leave', () => {
  it('guarantees that only what act made does', async () => {
    const { context } = await worldOf(RAW);
    const outgoing = await act(context, groupOf('none'));
    expect(() => assertMade(outgoing)).not.toThrow();
    expect(() => assertMade({ ...outgoing })).toThrow(expect.objectContaining({ code: 'ERR_OUTGOING_FOREIGN' }));
  });
});
