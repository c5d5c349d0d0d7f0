import type { Database } from "../../db/client.ts";
import type { Actor } from "../kernel/actor.ts";
import { ForbiddenError } from "../kernel/errors.ts";
import { appendRecord } from "../layers/audit/append.ts";
import type { LiveAgent } from "./admit-action/world.ts";

const CODE = "not_a_resource_server";

/** Whether an agent may follow what is revoked: a resource server that is enrolled as one, and nobody else. */
export const mayFollowRevocations = ({ kind }: Pick<LiveAgent, "kind">): boolean =>
  kind === "resource-server";

/**
 * Refuses the stream of revocations to an agent that is no resource server, and records it.
 *
 * @param mayRecord whether this refusal gets a record of its own; else it has been counted.
 * @returns the error to throw, `not_a_resource_server`.
 */
export async function refuseFollower(
  ctx: { db: Database; now: Date },
  refusal: { agent: LiveAgent; sourceIp: string; mayRecord: boolean },
): Promise<ForbiddenError> {
  const { agent, sourceIp } = refusal;
  const message = `${agent.name} is enrolled as an agent: what is revoked is told to resource servers alone.`;
  const actor: Actor = { type: "agent", id: agent.id, name: agent.name, did: agent.did };
  if (refusal.mayRecord)
    await ctx.db.transaction((tx) =>
      appendRecord(tx, {
        kind: "revocations.refused",
        actor,
        now: ctx.now,
        agent: { id: agent.id, did: agent.did },
        outcome: "deny",
        checks: [{ id: CODE, passed: false, detail: message }],
        details: { code: CODE, sourceIp },
      }),
    );
  return new ForbiddenError(CODE, message);
}
