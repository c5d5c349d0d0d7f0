import { and, eq, sql } from "drizzle-orm";
import type { Tx } from "../../../db/client.ts";
import { notify } from "../../../db/listen.ts";
import { shadowAgents } from "../../../db/schema/index.ts";
import { type Actor, actorRecord } from "../../kernel/actor.ts";
import { ConflictError, NotFoundError } from "../../kernel/errors.ts";
import { appendRecord } from "../audit/append.ts";

/**
 * Ends an open finding that is still as the caller saw it, with its audit record, in the caller's transaction. The
 * caller has checked the actor's permission.
 *
 * @throws NotFoundError `shadow_agent_unknown`. @throws ConflictError `shadow_agent_changed`.
 */
export async function settleShadowAgent(
  tx: Tx,
  decision: {
    id: string;
    version: number;
    actor: Actor;
    now: Date;
  } & (
    | { to: "dismissed"; reason: string }
    | { to: "registered"; agent: { id: string; name: string; did: string } }
  ),
): Promise<void> {
  const { id, version, actor, now, to } = decision;
  const agent = to === "registered" ? decision.agent : null;
  const reason = to === "dismissed" ? decision.reason : null;
  const [changed] = await tx
    .update(shadowAgents)
    .set({
      ...{ state: to, agentId: agent?.id ?? null, reason },
      ...{ decidedBy: actorRecord(actor).name, decidedAt: now, version: sql`${shadowAgents.version} + 1` },
    })
    .where(and(eq(shadowAgents.id, id), eq(shadowAgents.version, version), eq(shadowAgents.state, "open")))
    .returning();
  if (!changed) throw await conflict(tx, id);
  const { claimed, issuer, ways, evidence, count } = changed;
  await appendRecord(tx, {
    kind: `shadow-agent.${to}`,
    actor,
    now,
    ...(agent && { agent }),
    details: {
      shadowAgentId: id,
      ...{ claimed, issuer, ways, evidence, count },
      ...(agent ? { registeredAs: agent.name } : { reason }),
    },
    subjects: [`shadow-agent:${id}`],
  });
  await notify(tx, "agent", id);
}

async function conflict(tx: Tx, id: string): Promise<Error> {
  const [row] = await tx.select().from(shadowAgents).where(eq(shadowAgents.id, id));
  if (!row) return new NotFoundError("shadow_agent_unknown", "There is no such finding.");
  const by = row.decidedBy ? ` by ${row.decidedBy}` : "";
  return new ConflictError(
    "shadow_agent_changed",
    `This finding is ${row.state}${by} now. Look at it again before you decide.`,
    { state: row.state, version: row.version, by: row.decidedBy },
  );
}
