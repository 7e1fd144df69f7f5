import { BodySlots } from './body-slots.js';

/** Work that goes on until it is told to end. */
function openWork(): {
  readonly work: () => Promise<string>;
  readonly end: () => void;
  readonly isBegun: () => boolean;
} {
  let end: () => void = () => undefined;
  let isBegun = false;
  const ended = new Promise<string>((resolve) => (end = () => resolve('done')));
  const work = (): Promise<string> => {
    isBegun = true;
    return ended;
  };
  return { work, end: () => end(), isBegun: () => isBegun };
}

describe('BodySlots', () => {
  it('guarantees that no more are at work than may be, and that who waits has its turn', async () => {
    const slots = new BodySlots(1);
    const [one, other] = [openWork(), openWork()];
    const first = slots.use(one.work);
    const second = slots.use(other.work);
    await Promise.resolve();
    expect([one.isBegun(), other.isBegun()]).toEqual([true, false]);
    one.end();
    expect(await first).toBe('done');
    other.end();
    expect(await second).toBe('done');
  });

  it('gives a slot on after an error', async () => {
    const slots = new BodySlots(1);
    await expect(slots.use(() => Promise.reject(new Error('x')))).rejects.toThrow('x');
    expect(await slots.use(() => Promise.resolve('again'))).toBe('again');
  });

  it('says that it is busy to who has waited too long, and is not upset by it', async () => {
    const slots = new BodySlots(1, 1);
    const open = openWork();
    const first = slots.use(open.work);
    await expect(slots.use(() => Promise.resolve())).rejects.toMatchObject({
      code: 'ERR_SERVER_BUSY',
      retryAfterSeconds: 1,
    });
    open.end();
    expect(await first).toBe('done');
    expect(await slots.use(() => Promise.resolve('again'))).toBe('again');
  });
});
