import type { Tx } from "../../db/client.ts";
import { notify } from "../../db/listen.ts";
import type { Actor } from "../kernel/actor.ts";
import { appendRecord } from "../layers/audit/append.ts";

type Named = { id: string; did: string; name: string };

/**
 * Writes into the trail of everybody below an agent what became of that agent, in the caller's transaction, and
 * announces them: whoever reads a child's history sees why it stopped, and from when it could go on.
 *
 * @param kind `agent.parent-stopped` or `agent.parent-resumed`.
 */
export async function tellFamily(
  tx: Tx,
  told: {
    kind: "agent.parent-stopped" | "agent.parent-resumed";
    agent: Named;
    below: readonly Named[];
    reason: string;
    actor: Actor;
    now: Date;
  },
): Promise<void> {
  const { kind, agent, below, reason, actor, now } = told;
  for (const { id, did, name } of below) {
    await appendRecord(tx, {
      kind,
      actor,
      now,
      agent: { id, did },
      details: { agent: name, because: agent.name, becauseDid: agent.did, reason },
    });
    await notify(tx, "agent", id);
  }
}
