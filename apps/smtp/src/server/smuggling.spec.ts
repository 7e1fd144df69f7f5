import fc from 'fast-check';
import { MemoryDoor } from '../../../../test/support/memory-door.js';
import { SmtpClient } from '../../../../test/support/smtp-client.js';

const HEAD = 'From: a@clinic.example\r\nSubject: outer\r\n\r\nfirst\r\n';
const SMUGGLED =
  'MAIL FROM:<admin@clinic.example>\r\nRCPT TO:<victim@customer.example>\r\nDATA\r\nSubject: smuggled\r\n\r\nsecond\r\n';
/** Everything that some server somewhere takes for the end of a message. */
const FALSE_ENDS = [
  '\n.\n',
  '\n.\r\n',
  '\r\n.\n',
  '\r.\r',
  '\r\n.\r',
  '\r.\r\n',
  '\n.\r',
  '\r.\n',
  '\n\n.\r\n',
  '\r\r\n.\r\r\n',
  '\r\n.\r\r\n',
  '\r\n\0.\r\n\n.\n',
];

let door: MemoryDoor;

beforeAll(async () => {
  door = await MemoryDoor.start();
});

afterAll(async () => {
  await door.stop();
});

beforeEach(() => {
  door.kept.length = 0;
});

async function atData(): Promise<SmtpClient> {
  const client = await SmtpClient.connect(door.port);
  for (const line of ['MAIL FROM:<ann@clinic.example>', 'RCPT TO:<bob@customer.example>']) await client.command(line);
  expect(await client.command('DATA')).toMatchObject({ code: 354 });
  return client;
}

/** Sends the pieces so that each is read by itself. */
async function writeApart(client: SmtpClient, pieces: readonly Buffer[]): Promise<void> {
  for (const piece of pieces) {
    client.write(piece);
    for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }
}

function letters(text: string): Buffer[] {
  return Array.from(text, (letter) => Buffer.from(letter));
}

describe('guarantees that nothing within a message is taken for a command', () => {
  it.each(FALSE_ENDS)('behind %j: 554, nothing kept, and the session goes on', async (end) => {
    const client = await atData();
    client.write(`${HEAD}x${end}${SMUGGLED}.\r\n`);
    expect(await client.reply()).toEqual({ code: 554, text: '5.6.0 A bare CR or LF is no end of a line.' });
    expect(await client.command('NOOP')).toMatchObject({ code: 250 });
    expect(door.kept).toEqual([]);
    client.destroy();
  });

  it.each(FALSE_ENDS)('behind %j, cut at each byte', async (end) => {
    const whole = Buffer.from(`x${end}QUIT\r\n.\r\n`, 'latin1');
    await Promise.all(
      Array.from({ length: whole.length - 1 }, async (_, at) => {
        const client = await atData();
        await writeApart(client, [whole.subarray(0, at + 1), whole.subarray(at + 1)]);
        expect(await client.reply()).toMatchObject({ code: 554 });
        expect(await client.command('NOOP')).toMatchObject({ code: 250 });
        client.destroy();
      }),
    );
    expect(door.kept).toEqual([]);
  });

  it('with each false end in a piece of its own', async () => {
    const client = await atData();
    await writeApart(client, letters('x\r\n.\r'));
    await writeApart(client, letters('QUIT\r\n.\r\n'));
    expect(await client.reply()).toMatchObject({ code: 554 });
    expect(await client.command('NOOP')).toMatchObject({ code: 250 });
    client.destroy();
  });
});

describe('A bare CR or LF in a command', () => {
  it.each([
    'NOOP\nQUIT',
    'NOOP\rQUIT',
    '\nNOOP',
    'NOOP\r\r',
    'MAIL FROM:<ann@clinic.example>\nRCPT TO:<bob@customer.example>',
  ])('%j is one line, refused, and nothing of it is done', async (line) => {
    const client = await SmtpClient.connect(door.port);
    expect(await client.command(line)).toEqual({ code: 554, text: '5.6.0 A bare CR or LF is no end of a line.' });
    expect(await client.command('RCPT TO:<bob@customer.example>')).toMatchObject({ code: 503 });
    expect(await client.command('NOOP')).toMatchObject({ code: 250 });
    client.destroy();
  });

  it('does not let a later CRLF make a command of its rest', async () => {
    const client = await SmtpClient.connect(door.port);
    client.write('NOOP\r\nNOOP\n');
    expect(await client.reply()).toMatchObject({ code: 250 });
    expect(await client.reply()).toMatchObject({ code: 554 });
    client.write('QUIT\r\n');
    expect(await client.reply()).toMatchObject({ code: 554 });
    expect(await client.command('NOOP')).toMatchObject({ code: 250 });
    client.destroy();
  });

  it.each(['NOOP\n', 'NO\nOP', '\rNOOP', 'MAIL FROM:<ann@clinic.example>\n'])(
    '%j is refused at once, once, without the end of its line',
    async (start) => {
      const client = await SmtpClient.connect(door.port);
      for (const letter of letters(start)) client.write(letter);
      expect(await client.reply()).toEqual({ code: 554, text: '5.6.0 A bare CR or LF is no end of a line.' });
      client.write(' more');
      client.write('\r\nNOOP\r\n');
      expect(await client.reply()).toMatchObject({ code: 554 });
      expect(await client.reply()).toMatchObject({ code: 250 });
      client.destroy();
    },
  );

  it('is refused behind the answers of what stands before it', async () => {
    const client = await SmtpClient.connect(door.port);
    client.write('MAIL FROM:<ann@clinic.example>\r\nRCPT TO:<bob@customer.example>\r\nDATA\n');
    const codes: number[] = [];
    for (let turn = 0; turn < 3; turn += 1) codes.push((await client.reply()).code);
    expect(codes).toEqual([250, 250, 554]);
    client.destroy();
  });
});

describe('A client that waits behind a false end', () => {
  it('is told so and sent away, whichever end it takes for one', async () => {
    // Behind this one an LF may still come.
    const ends = FALSE_ENDS.filter((end) => end !== '\r\n.\r');
    await Promise.all(
      ends.map(async (end) => {
        const client = await atData();
        client.write(`${HEAD}x${end}`);
        expect(await client.reply()).toEqual({ code: 554, text: '5.6.0 A bare CR or LF is no end of a line.' });
        await expect(client.command('NOOP')).rejects.toThrow('ended');
      }),
    );
    expect(door.kept).toEqual([]);
  });
});

describe('What is a message', () => {
  const line = fc.constantFrom('', '.', '..', '...', 'a', '.a', 'a.', '\0', '\0\x02', '\xff\xfe', 'QUIT', ' .', '\t');
  const message = fc
    .array(line, { minLength: 1, maxLength: 12 })
    .map((lines) => lines.map((one) => `${one}\r\n`).join(''));
  const cuts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 12 });

  it('arrives byte for byte, with dots and NULs, however it is cut', async () => {
    const client = await SmtpClient.connect(door.port);
    await fc.assert(
      fc.asyncProperty(message, cuts, async (text, sizes) => {
        door.kept.length = 0;
        await client.command('MAIL FROM:<ann@clinic.example>');
        await client.command('RCPT TO:<bob@customer.example>');
        await client.command('DATA');
        const stuffed = Buffer.from(`${text.replace(/^\./gm, '..')}.\r\n`, 'latin1');
        const pieces: Buffer[] = [];
        for (let at = 0, turn = 0; at < stuffed.length; turn += 1) {
          const size = turn > 30 ? stuffed.length : (sizes[turn % sizes.length] ?? 1);
          pieces.push(stuffed.subarray(at, at + size));
          at += size;
        }
        await writeApart(client, pieces);
        expect(await client.reply()).toMatchObject({ code: 250 });
        expect(door.kept[0]?.raw.toString('latin1')).toBe(text);
      }),
      { numRuns: 60 },
    );
    client.destroy();
  });
});
