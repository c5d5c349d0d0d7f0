/** Dates come in whole seconds and take time to arrive: what is nearer than this is taken for the same. */
const SAME_MS = 5_000;

/** The agent's own clock, set right by what Vigil's answers say: signatures and assertions are judged on server time. */
export type Clock = {
  /** The instant as Vigil sees it. */
  now: () => Date;
  /** Told the instant that an answer carried; each answer is a new reading. */
  hear: (server: Date) => void;
  /** How far Vigil's clock is ahead of this machine's, ms; 0 while they are taken for the same. */
  aheadMs: () => number;
};

/** Starts with the machine's clock. What it hears comes over a connection to Vigil's own root, and nothing else. */
export function followClock(own: () => Date): Clock {
  let aheadMs = 0;
  return {
    now: () => new Date(own().getTime() + aheadMs),
    hear: (server) => {
      const heardMs = server.getTime() - own().getTime();
      if (Math.abs(heardMs - aheadMs) > SAME_MS) aheadMs = Math.abs(heardMs) > SAME_MS ? heardMs : 0;
    },
    aheadMs: () => aheadMs,
  };
}
