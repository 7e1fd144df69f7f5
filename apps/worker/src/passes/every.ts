/** Something that is done again and again, at most once at a time. */
export interface Pass {
  /** Stops it; resolves when the pass under way has ended. */
  stop(): Promise<void>;
}

/**
 * Does the work now, and again so long after it has ended. Its errors are told and do not stop it. Keeps no process alive.
 */
export function every(intervalMs: number, work: () => Promise<void>, onTrouble: (error: unknown) => void): Pass {
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  let running = Promise.resolve();
  const turn = async (): Promise<void> => {
    try {
      await work();
    } catch (error) {
      onTrouble(error);
    }
    if (!isStopped) timer = setTimeout(begin, intervalMs).unref();
  };
  const begin = (): void => {
    running = turn();
  };
  begin();
  return {
    stop: async () => {
      isStopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
