import { X509Certificate } from "node:crypto";
import { agentsAbove } from "../../../db/family.ts";
import { joinTokens } from "../../../db/schema/index.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { actorRecord } from "../../kernel/actor.ts";
import { ConflictError } from "../../kernel/errors.ts";
import { sha256 } from "../../kernel/hash.ts";
import { randomSecret, uuidv7 } from "../../kernel/ids.ts";
import { formatJoinToken } from "../../kernel/join-token.ts";
import { appendRecord } from "../audit/append.ts";
import { decideCertification } from "./engine/lifecycle.ts";
import { JOIN_TOKEN_LIFE_MS } from "./schema.ts";
import { activeAuthority, agentByName } from "./store.ts";

/**
 * Makes a one-time join token for an agent, good for an hour. The text is returned once and its hash kept.
 * It carries the root certificate's SHA-256, so that the agent trusts this Vigil and no other.
 *
 * @throws NotFoundError `agent_unknown`. @throws ConflictError `agent_barred` where it may not enrol.
 */
export async function createJoinToken(
  ctx: VerbContext,
  input: { agentName: string },
): Promise<{ joinToken: string; expiresAt: Date }> {
  requirePermission(ctx.actor, "agents.register");
  return ctx.db.transaction(async (tx) => {
    const agent = await agentByName(tx, input.agentName);
    const barred = decideCertification({ ...agent, above: await agentsAbove(tx, agent.id) }).checks.find(
      (check) => !check.passed,
    );
    if (barred) throw new ConflictError("agent_barred", barred.detail, { agent: agent.name });
    const root = await activeAuthority(tx, "root");
    const secret = randomSecret();
    const row = {
      id: uuidv7(ctx.now.getTime()),
      agentId: agent.id,
      tokenHash: sha256(secret),
      createdBy: actorRecord(ctx.actor).id,
      createdAt: ctx.now,
      expiresAt: new Date(ctx.now.getTime() + JOIN_TOKEN_LIFE_MS),
    };
    await tx.insert(joinTokens).values(row);
    await appendRecord(tx, {
      kind: "join-token.created",
      actor: ctx.actor,
      now: ctx.now,
      agent,
      details: { joinTokenId: row.id, expiresAt: row.expiresAt.toISOString() },
    });
    const rootSha256 = sha256(new X509Certificate(root.certificatePem).raw);
    return { joinToken: formatJoinToken({ secret, rootSha256 }), expiresAt: row.expiresAt };
  });
}
