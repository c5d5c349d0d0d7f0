import pino from "pino";

/** The console's log. Level follows the environment once the runtime is up. */
export const log = pino({ name: "console" });
