import type { Logger } from "pino";
import type { Database } from "../../db/client.ts";
import { notify } from "../../db/listen.ts";

/** Notices are sent no oftener: the sequencer takes all that is there at each. */
const SPACING_MS = 20;

/**
 * Tells the sequencer that records were committed, soon after the commit and not in it: PostgreSQL lets only one
 * transaction with a notice commit at a time, flush of the disk included, and admissions would queue behind each
 * other and behind every duty. A notice that is lost costs little, for the sequencer looks by itself as well.
 *
 * @returns `announce`, which never throws, and `close`, which sends what is still to be said.
 */
export function announceRecords(
  db: Database,
  log: Logger,
): { announce: () => void; close: () => Promise<void> } {
  let timer: NodeJS.Timeout | undefined;
  let sending: Promise<void> = Promise.resolve();
  let more = false;

  function send(): void {
    more = false;
    sending = notify(db, "record").catch((error: unknown) =>
      log.warn({ err: error }, "the sequencer could not be told of new records; it will find them"),
    );
    timer = setTimeout(() => {
      timer = undefined;
      if (more) send();
    }, SPACING_MS);
  }

  return {
    announce() {
      more = true;
      if (!timer) send();
    },
    async close() {
      clearTimeout(timer);
      if (more) send();
      clearTimeout(timer);
      await sending;
    },
  };
}
