import type { Tx } from "../../../db/client.ts";
import { notify } from "../../../db/listen.ts";
import { requirePermission } from "../../access/permissions.ts";
import { type Actor, actorRecord } from "../../kernel/actor.ts";
import { ConflictError, InvalidInputError } from "../../kernel/errors.ts";
import { appendRecord } from "../audit/append.ts";
import type { IsolationState } from "./schema.ts";
import { lockIsolation, writeIsolation } from "./store.ts";

/** Requests a minute that a limit may be set to. */
const LIMIT_MAX = 100_000;

/**
 * Opens, limits or cuts off an agent, in the caller's transaction: a new epoch, which every gateway takes over and
 * confirms. Leaving `deny_all` needs the permission to release; everything else the permission to contain.
 *
 * @param change.onlyFrom states from which the change may be made; from any when left out.
 * @returns the epoch to wait for in the gateways' confirmations.
 * @throws ForbiddenError `not_permitted`. @throws InvalidInputError `limit_invalid`.
 * @throws ConflictError `isolation_changed` when the state is none of `onlyFrom`, naming who set it.
 */
export async function setIsolation(
  tx: Tx,
  change: {
    agentId: string;
    state: IsolationState;
    limitPerMinute?: number | undefined;
    reason: string;
    actor: Actor;
    now: Date;
    onlyFrom?: readonly IsolationState[];
  },
): Promise<{ epoch: number }> {
  const { agentId, state, reason, actor, now, onlyFrom } = change;
  requirePermission(actor, "agents.read");
  const limitPerMinute = readLimit(state, change.limitPerMinute);
  const { agent, row } = await lockIsolation(tx, agentId);
  const from = row?.state ?? "open";
  requirePermission(actor, from === "deny_all" && state !== "deny_all" ? "agents.release" : "agents.contain");
  if (onlyFrom && !onlyFrom.includes(from))
    throw new ConflictError(
      "isolation_changed",
      `${agent.name} is ${from} since ${row?.changedAt.toISOString() ?? "its registration"}, set by ${row?.changedBy ?? "nobody"}: ${row?.reason || "no reason given"}.`,
      { agent: agent.name, from, to: state },
    );
  const epoch = await writeIsolation(tx, {
    agentId,
    state,
    limitPerMinute,
    reason,
    changedAt: now,
    changedBy: actorRecord(actor).name,
  });
  await appendRecord(tx, {
    kind: "isolation.changed",
    actor,
    now,
    agent,
    details: { from, to: state, limitPerMinute, epoch, reason },
  });
  await notify(tx, "isolation", agentId);
  return { epoch };
}

function readLimit(state: IsolationState, limit: number | undefined): number | null {
  if (state !== "limited") return null;
  if (limit === undefined || !Number.isInteger(limit) || limit < 1 || limit > LIMIT_MAX)
    throw new InvalidInputError(
      "limit_invalid",
      `A limited agent needs a limit of 1 to ${LIMIT_MAX} requests a minute.`,
    );
  return limit;
}
