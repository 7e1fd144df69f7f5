import { BodySlots } from './body-slots.js';

describe('BodySlots', () => {
  it('guarantees that no more are at work than may be, and that a slot comes back after an error', async () => {
    const slots = new BodySlots(1);
    let release: () => void = () => undefined;
    const first = slots.use(() => new Promise<string>((resolve) => (release = () => resolve('done'))));
    await expect(slots.use(() => Promise.resolve())).rejects.toMatchObject({
      code: 'ERR_SERVER_BUSY',
      retryAfterSeconds: 1,
    });
    release();
    expect(await first).toBe('done');
    await expect(slots.use(() => Promise.reject(new Error('x')))).rejects.toThrow('x');
    expect(await slots.use(() => Promise.resolve('again'))).toBe('again');
  });
});
