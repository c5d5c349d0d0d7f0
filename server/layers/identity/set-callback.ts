import type { Database } from "../../../db/client.ts";
import { callbackEndpoints } from "../../../db/schema/index.ts";
import { appendRecord } from "../audit/append.ts";

/**
 * Keeps where an agent wants to be told of what it waits for. It says so itself, over its own transport certificate;
 * whatever the URL, only a server that shows this agent's callback certificate is ever told anything.
 */
export async function setCallback(
  ctx: { db: Database; now: Date },
  callback: { agent: { id: string; did: string; name: string }; url: string },
): Promise<void> {
  const { agent, url } = callback;
  await ctx.db.transaction(async (tx) => {
    await tx
      .insert(callbackEndpoints)
      .values({ agentId: agent.id, url, setAt: ctx.now })
      // From when it is told stays: what was decided while it was away is told when it is back.
      .onConflictDoUpdate({ target: callbackEndpoints.agentId, set: { url } });
    await appendRecord(tx, {
      kind: "callback.set",
      actor: { type: "agent", ...agent },
      now: ctx.now,
      agent: { id: agent.id, did: agent.did },
      details: { url },
    });
  });
}
