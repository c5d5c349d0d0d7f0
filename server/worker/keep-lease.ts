import type { Logger } from "pino";
import type { Database } from "../../db/client.ts";
import { LEASE_SECONDS, type Lease, releaseLease, takeLease } from "./lease.ts";

const RENEW_MS = 1_500;

/**
 * Takes the lease of a duty and renews it in the background, also while a long run is under way. What is
 * held is believed for the lease's length alone; past that it is taken anew, or waited for.
 */
export function keepLease(
  db: Database,
  name: string,
  holder: string,
  log: Logger,
): { current: () => Promise<Lease | null>; drop: () => void; close: () => Promise<void> } {
  let lease: Lease | null = null;
  let takenAt = Number.NEGATIVE_INFINITY;
  let renewing: Promise<void> | null = null;

  const take = async () => {
    const asked = performance.now();
    const next = await takeLease(db, name, holder);
    if (lease && !next) log.warn("the lease was lost to another worker");
    lease = next;
    takenAt = asked;
  };
  const renew = () => {
    if (!lease || renewing) return;
    renewing = take()
      .catch((error: unknown) => log.warn({ err: error }, "the lease could not be renewed"))
      .finally(() => {
        renewing = null;
      });
  };
  const timer = setInterval(renew, RENEW_MS);

  return {
    current: async () => {
      await renewing;
      if (!lease || performance.now() - takenAt > LEASE_SECONDS * 1_000) await take();
      return lease;
    },
    drop: () => {
      lease = null;
    },
    close: async () => {
      clearInterval(timer);
      await renewing;
      if (lease) await releaseLease(db, lease).catch(() => undefined);
    },
  };
}
