import type { Database } from "../../../db/client.ts";
import type { Statement } from "../../layers/authorization/brief-schema.ts";
import { blastRadius } from "../../layers/authorization/engine/blast-radius.ts";
import type { AgentRow, ApprovalRow } from "../../layers/authorization/store.ts";
import { readIsolation } from "../../layers/isolation/read-isolation.ts";
import { readReach } from "../../layers/isolation/read-reach.ts";
import { namedSince } from "./store.ts";

/** Slices of the traffic are kept about this long. */
const LOOK_BACK_HOURS = 2;
const HOUR_MS = 3_600_000;

/** How far misuse of a request's grant could reach, from the zones, the traffic and the family as they are now. */
export async function blastOf(
  db: Database,
  of: {
    approval: ApprovalRow;
    agent: AgentRow;
    below: readonly string[];
    busiestHourCalls: number | null;
    now: Date;
  },
): Promise<Statement[]> {
  const { approval, agent, below, busiestHourCalls, now } = of;
  const since = new Date(now.getTime() - LOOK_BACK_HOURS * HOUR_MS);
  const [reachable, isolation, peers, data] = await Promise.all([
    readReach(db, agent),
    readIsolation(db, agent.id),
    namedSince(db, agent.id, "peers", since),
    namedSince(db, agent.id, "data", since),
  ]);
  return blastRadius({
    ...{
      scope: approval.scope,
      durationSeconds: approval.durationSeconds,
      zone: agent.zone,
      reachable,
      below,
    },
    reached: peers.map(({ name, calls }) => ({ peer: name, calls })),
    touched: data,
    lookedBackHours: LOOK_BACK_HOURS,
    busiestHourCalls,
    limitPerMinute: isolation?.limitPerMinute ?? null,
  });
}
