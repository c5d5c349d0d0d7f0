/** A sleep that can be cut short. A ring that comes while nobody sleeps is kept for the next sleep. */
export type InterruptibleSleep = {
  /** Ends after `ms`, or at the first ring unless `deaf`; `close` ends it either way. */
  sleep: (ms: number, options?: { deaf?: boolean }) => Promise<void>;
  ring: () => void;
  close: () => void;
  closed: () => boolean;
};

/** Makes one. */
export function createInterruptibleSleep(): InterruptibleSleep {
  let rung = false;
  let closed = false;
  let deaf = false;
  let end: (() => void) | null = null;

  return {
    sleep: async (ms, options = {}) => {
      deaf = options.deaf ?? false;
      if (!closed && !(rung && !deaf)) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          end = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      end = null;
      if (!deaf) rung = false;
    },
    ring: () => {
      rung = true;
      if (!deaf) end?.();
    },
    close: () => {
      closed = true;
      end?.();
    },
    closed: () => closed,
  };
}
