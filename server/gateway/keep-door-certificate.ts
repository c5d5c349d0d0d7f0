import type { Logger } from "pino";
import type { Database } from "../../db/client.ts";
import type { KeyStore } from "../keys/key-store.ts";
import { type DoorCertificate, loadDoorCertificate } from "../layers/identity/load-door-certificate.ts";

/**
 * Keeps what the doors show and trust as the database has it. What was handed to the doors counts as held, and nothing
 * before: a gateway must never say that it trusts an authority whose agents its door would turn away.
 *
 * @param apply hands it to the doors; where it throws, the next `renew` tries again.
 */
export function keepDoorCertificate(deps: {
  db: Database;
  keys: KeyStore;
  log: Logger;
  first: DoorCertificate;
  apply: (certificate: DoorCertificate) => void;
}): { current: () => DoorCertificate; renew: () => Promise<void> } {
  const { db, keys, log, apply } = deps;
  let current = deps.first;
  let renewing: Promise<void> = Promise.resolve();
  const renewNow = async () => {
    const next = await loadDoorCertificate(db, keys);
    // Handed over only where it differs: open sessions could not be resumed under a new context.
    if (isSame(next, current)) return;
    apply(next);
    current = next;
  };
  return {
    current: () => current,
    renew: () => {
      renewing = renewing
        .then(renewNow)
        .catch((error: unknown) => log.error({ err: error }, "the doors kept their old certificate"));
      return renewing;
    },
  };
}

function isSame(one: DoorCertificate, other: DoorCertificate): boolean {
  const parts = ({ cert, ca, trusts }: DoorCertificate) => [cert, ...ca, ...trusts].join(" ");
  return parts(one) === parts(other);
}
