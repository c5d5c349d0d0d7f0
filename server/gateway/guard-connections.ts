import type { Logger } from "pino";
import type { Database } from "../../db/client.ts";
import { type Confirmation, confirmIsolation } from "./confirm-isolation.ts";
import { type Change, isCutOff } from "./live-state/holdings.ts";
import type { Sockets } from "./track-sockets.ts";

const RETRY_MS = 500;

/**
 * Cuts the open connections of agents that may do nothing any more, of everybody below them, and of certificates
 * that were revoked, at once; then tells the database that this gateway holds the new isolation epoch, until it has been told.
 */
export function guardConnections(deps: {
  db: Database;
  gatewayId: string;
  sockets: Sockets;
  log: Logger;
  clock: () => Date;
}): { apply: (changes: readonly Change[]) => void; close: () => Promise<void> } {
  const { db, gatewayId, sockets, log, clock } = deps;
  let unconfirmed: Confirmation[] = [];
  let confirming: Promise<void> | null = null;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  function confirm(): void {
    if (confirming || unconfirmed.length === 0 || closed) return;
    const batch = unconfirmed;
    unconfirmed = [];
    confirming = confirmIsolation(db, gatewayId, batch, clock())
      .catch((error: unknown) => {
        log.warn({ err: error }, "isolation could not be confirmed; trying again");
        unconfirmed = [...batch, ...unconfirmed];
        timer = setTimeout(confirm, RETRY_MS);
      })
      .then(() => {
        confirming = null;
        if (!timer) confirm();
        timer = undefined;
      });
  }

  return {
    apply(changes) {
      for (const change of changes) {
        const connectionsCut = cut(sockets, change);
        const confirmation = confirmationOf(change, connectionsCut);
        if (confirmation) unconfirmed.push(confirmation);
      }
      confirm();
    },
    async close() {
      await confirming;
      closed = true;
      clearTimeout(timer);
    },
  };
}

/**
 * Cuts once, at the change: whoever connects afterwards is told at each request why it is refused. There is no gap,
 * since a connection is registered before it can ask anything.
 */
function cut(sockets: Sockets, { before, after, credentials, newlyRevoked, below }: Change): number {
  const isNew = !before || !isCutOff(before) || before.isolation.epoch !== after.isolation.epoch;
  const gone = isCutOff(after) && isNew ? [...credentials, ...below] : newlyRevoked;
  return gone.reduce((sum, { thumbprint }) => sum + sockets.cut(thumbprint), 0);
}

/** A new epoch is confirmed; so is one that was there when this gateway started, unless it restricts nothing. */
function confirmationOf({ before, after }: Change, connectionsCut: number): Confirmation | null {
  const { epoch, state } = after.isolation;
  const isNew = before ? before.isolation.epoch !== epoch : state !== "open";
  return isNew && epoch > 0 ? { agentId: after.id, epoch, connectionsCut } : null;
}
