import { errorFacts } from '../process/error-facts.js';
import { AdapterError } from '../errors.js';
import { makeLogger } from './make-logger.js';

function logged(write: (logger: ReturnType<typeof makeLogger>) => void, level?: string): Record<string, unknown>[] {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  write(makeLogger('worker', { destination, ...(level === undefined ? {} : { level }) }));
  for (const line of lines) expect(line.trimEnd()).not.toContain('\n');
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('makeLogger', () => {
  it('writes JSON lines with the message that they are about', () => {
    const [line] = logged((logger) =>
      logger.info({ messageId: 'an-id', queue: 'process', outcomes: { delivered: 2 } }, 'settled'),
    );
    expect(line).toEqual({
      app: 'worker',
      level: 'info',
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      messageId: 'an-id',
      queue: 'process',
      outcomes: { delivered: 2 },
      msg: 'settled',
    });
  });

  it('guarantees that only fields of the list are written, whatever is given', () => {
    const secret = 'hunter2';
    const [line] = logged((logger) =>
      logger.warn(
        {
          messageId: 'an-id',
          subject: secret,
          headers: { authorization: secret },
          err: new Error(secret),
          cause: { code: 'ERR_X', text: secret, request: { body: secret } },
          what: { body: secret },
          buffer: Buffer.from(secret),
          code: Buffer.from(secret),
          at: [new Map([['a', secret]])],
        },
        'x',
      ),
    );
    expect(JSON.stringify(line)).not.toContain(secret);
    expect(line).toMatchObject({ messageId: 'an-id', cause: { code: 'ERR_X' }, omitted: 4 });
  });

  it('guarantees that no address and no second line comes out of a text', () => {
    const [line] = logged((logger) =>
      logger.warn(
        { reply: '550 <ann@customer.example>: gone\r\n250 ok', what: 'x'.repeat(10_000) },
        'of "bob"@customer.example',
      ),
    );
    expect(line?.['reply']).toBe('550 <[address]>: gone 250 ok');
    expect(line?.['msg']).not.toContain('customer');
    expect(String(line?.['what'])).toHaveLength(500);
  });

  it('says of an error its code and where it came from, not its text', () => {
    const error = new AdapterError('ERR_BLOB_UNAVAILABLE', {
      detail: { code: 'EIO' },
      cause: new Error('cannot open /secret/ann@customer.example'),
    });
    const [line] = logged((logger) => logger.error(errorFacts(error), 'trouble'));
    expect(line).toMatchObject({ error: 'AdapterError', code: 'ERR_BLOB_UNAVAILABLE', detail: { code: 'EIO' } });
    expect(JSON.stringify(line)).not.toContain('customer');
    expect(JSON.stringify(line?.['at'])).toContain('make-logger.spec');
  });

  it('leaves the places of errors readable', () => {
    const place = 'at run (file:///srv/node_modules/@nestjs/core/index.js:10:5)';
    expect(logged((logger) => logger.error({ at: [place] }, 'x'))[0]?.['at']).toEqual([place]);
  });

  it('is as quiet as it is told', () => {
    expect(logged((logger) => logger.debug('x'))).toEqual([]);
    expect(logged((logger) => logger.debug('x'), 'debug')).toHaveLength(1);
    expect(logged((logger) => logger.child({ from: 'nest' }).info('x'))).toMatchObject([{ from: 'nest' }]);
  });
});
