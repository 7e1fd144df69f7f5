import { incomingEnvelope } from './incoming-envelope.js';

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}

async function whole(source: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of source) pieces.push(piece);
  return Buffer.concat(pieces).toString('latin1');
}

const MESSAGE = Buffer.from(
  'From: a@x.example\r\nTo: b@x.example, c@x.example\r\nBcc: d@x.example\r\nX: \xff\r\n\r\nbody \xfe\r\n',
  'latin1',
);

describe('incomingEnvelope', () => {
  it.each([1, 2, 7, 1000])(
    'guarantees the same bytes, whatever is read of the header, in pieces of %d',
    async (size) => {
      for (const asked of [
        {},
        { mailFrom: 'z@x.example' },
        { rcptTo: ['y@x.example'] },
        { mailFrom: '', rcptTo: ['y@x.example'] },
      ]) {
        const { body } = await incomingEnvelope(asked, inPieces(MESSAGE, size));
        expect(await whole(body)).toBe(MESSAGE.toString('latin1'));
      }
    },
  );

  it('takes from the header only what was not asked for', async () => {
    const of = async (asked: object) => {
      const { mailFrom, rcptTo } = await incomingEnvelope(asked, inPieces(MESSAGE, 50));
      return [mailFrom, ...rcptTo];
    };
    expect(await of({})).toEqual(['a@x.example', 'b@x.example', 'c@x.example', 'd@x.example']);
    expect(await of({ mailFrom: 'z@x.example' })).toEqual(['z@x.example', 'b@x.example', 'c@x.example', 'd@x.example']);
    expect(await of({ rcptTo: ['y@x.example'] })).toEqual(['a@x.example', 'y@x.example']);
  });

  it('does not read ahead where the envelope is given', async () => {
    let read = 0;
    const source = (async function* () {
      for (let n = 0; n < 100; n += 1) {
        read += 1;
        yield await Promise.resolve(Buffer.from('x'));
      }
    })();
    await incomingEnvelope({ mailFrom: 'a@x.example', rcptTo: ['b@x.example'] }, source);
    expect(read).toBe(1);
  });

  it('holds no header over the limit', async () => {
    const endless = (async function* () {
      for (;;) yield await Promise.resolve(Buffer.from(`X: ${'y'.repeat(60_000)}\r\n`));
    })();
    await expect(incomingEnvelope({}, endless)).rejects.toMatchObject({ code: 'ERR_MAIL_HEADER_TOO_LARGE' });
  });

  it('refuses an empty stream, and more recipients than one message may have', async () => {
    await expect(incomingEnvelope({}, inPieces(Buffer.alloc(0), 1))).rejects.toMatchObject({
      code: 'ERR_REQUEST_INVALID',
    });
    const many = Array.from({ length: 1001 }, (_, n) => `r${n}@x.example`).join(',\r\n ');
    const message = Buffer.from(`From: a@x.example\r\nTo: ${many}\r\n\r\n`);
    await expect(incomingEnvelope({}, inPieces(message, 4096))).rejects.toMatchObject({
      problems: [{ pointer: '/rcptTo' }],
    });
  });
});
