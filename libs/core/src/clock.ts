/** The time, by parameter: floors 0 to 2 never ask the system for it. */
export interface Clock {
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };

/** A clock that stands still until told otherwise, for tests and for judging with `receivedAt`. */
export function fixedClock(at: Date | string): Clock & { set(at: Date | string): void } {
  let time = new Date(at);
  return {
    now: () => new Date(time),
    set: (to) => {
      time = new Date(to);
    },
  };
}
