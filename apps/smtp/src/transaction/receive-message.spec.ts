import { PassThrough } from 'node:stream';
import type { SMTPServerDataStream } from 'smtp-server';
import { jest } from '@jest/globals';
import { readToEnd } from './receive-message.js';

const streamOf = (): SMTPServerDataStream => Object.assign(new PassThrough(), { byteLength: 0, sizeExceeded: false });

describe('readToEnd', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  it('reads what is left of a refused message', async () => {
    const stream = streamOf();
    const done = readToEnd(stream, 1_000);
    stream.write('x'.repeat(500));
    stream.end('y'.repeat(500));
    expect(await done).toBe(true);
  });

  it('has nothing to do behind the end', async () => {
    const stream = streamOf();
    stream.resume().end();
    await new Promise((resolve) => stream.once('end', resolve));
    expect(await readToEnd(stream, 1_000)).toBe(true);
    const destroyed = streamOf();
    destroyed.destroy();
    expect(await readToEnd(destroyed, 1_000)).toBe(true);
  });

  it('gives up on a message that goes on and on', async () => {
    const stream = streamOf();
    const done = readToEnd(stream, 1_000);
    stream.write('x'.repeat(1_001));
    expect(await done).toBe(false);
  });

  it('gives up after ten silent seconds, as of a client that waits behind a bare LF', async () => {
    jest.useFakeTimers();
    const done = readToEnd(streamOf(), 1_000);
    jest.advanceTimersByTime(10_000);
    expect(await done).toBe(false);
  });
});
