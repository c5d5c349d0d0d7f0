import type { Database } from "../../../db/client.ts";
import { appendRecord } from "../audit/append.ts";
import type { AgentRow } from "./store.ts";

/**
 * Records that a caller whose certificate named an agent was refused a token before any scope was looked at:
 * a wrong assertion, a replayed one, another agent's.
 */
export async function refuseToken(
  db: Database,
  refusal: {
    agent: Pick<AgentRow, "id" | "did" | "name">;
    error: string;
    reason: string;
    thumbprint: string;
    now: Date;
  },
): Promise<void> {
  const { agent, error, reason, thumbprint, now } = refusal;
  await db.transaction((tx) =>
    appendRecord(tx, {
      kind: "token.refused",
      actor: { type: "agent", id: agent.id, name: agent.name, did: agent.did },
      now,
      agent: { id: agent.id, did: agent.did },
      outcome: "deny",
      checks: [{ id: error, passed: false, detail: reason }],
      details: { error, thumbprint },
    }),
  );
}
