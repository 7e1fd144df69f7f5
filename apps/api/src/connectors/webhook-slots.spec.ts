import { WebhookSlots } from './webhook-slots.js';

describe('WebhookSlots', () => {
  it('guarantees that one connector does not take the slots of others', async () => {
    const slots = new WebhookSlots();
    let begun = 0;
    let end: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    const busy = Array.from({ length: 200 }, () =>
      slots.use('a', () => {
        begun += 1;
        return ended;
      }),
    );
    expect(await slots.use('b', () => Promise.resolve('done'))).toBe('done');
    expect(begun).toBe(32);
    end();
    await Promise.all(busy);
    expect(begun).toBe(200);
    expect(await slots.use('a', () => Promise.resolve('again'))).toBe('again');
  });

  it('gives slots on after an error', async () => {
    const slots = new WebhookSlots();
    for (let count = 0; count < 200; count += 1) {
      await expect(slots.use('a', () => Promise.reject(new Error('x')))).rejects.toThrow('x');
    }
    expect(await slots.use('a', () => Promise.resolve('again'))).toBe('again');
  });
});
