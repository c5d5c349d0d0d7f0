import { eq } from "drizzle-orm";
import { isUniqueViolation, type Tx } from "../../../db/client.ts";
import { notify } from "../../../db/listen.ts";
import { agents, users } from "../../../db/schema/index.ts";
import type { Actor } from "../../kernel/actor.ts";
import { ConflictError, InvalidInputError } from "../../kernel/errors.ts";
import { uuidv7 } from "../../kernel/ids.ts";
import { appendRecord } from "../audit/append.ts";
import { admitParent } from "./admit-parent.ts";
import { agentDid } from "./engine/names.ts";
import { type RegisterAgentInput, registerAgentInput } from "./schema.ts";

/**
 * Registers an agent in the caller's transaction, which has checked the permission. A name is used once,
 * for ever: it stays taken after the agent retires. Under a parent, the parent's line is held meanwhile, so
 * that whoever stops one of them finds this child, or was first and it is refused.
 *
 * @throws ConflictError `agent_name_taken`. @throws InvalidInputError `owner_unknown`.
 * @throws NotFoundError `agent_unknown` for the parent. @throws RefusedParentError with the checks.
 */
export async function createAgent(
  tx: Tx,
  given: { input: RegisterAgentInput; actor: Actor; now: Date },
): Promise<{ agentId: string; did: string }> {
  const { parent: parentName, ...input } = registerAgentInput.parse(given.input);
  if (input.ownerId) await refuseUnknownOwner(tx, input.ownerId);
  const parent = parentName === null ? null : await admitParent(tx, { ...input, parentName });
  const agent = { id: uuidv7(given.now.getTime()), did: agentDid(input.name) };
  try {
    await tx.transaction((nested) =>
      nested
        .insert(agents)
        .values({ ...input, ...agent, parentId: parent?.id ?? null, createdAt: given.now }),
    );
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw new ConflictError(
      "agent_name_taken",
      `The name ${input.name} is or was an agent's. Names are never reused: choose another.`,
      { name: input.name },
    );
  }
  await appendRecord(tx, {
    kind: "agent.registered",
    actor: given.actor,
    now: given.now,
    agent,
    checks: parent?.checks,
    details: { ...input, parent: parentName },
  });
  await notify(tx, "agent", agent.id);
  if (parent) await notify(tx, "agent", parent.id);
  return { agentId: agent.id, did: agent.did };
}

async function refuseUnknownOwner(tx: Tx, ownerId: string): Promise<void> {
  const [owner] = await tx.select({ disabledAt: users.disabledAt }).from(users).where(eq(users.id, ownerId));
  if (!owner || owner.disabledAt)
    throw new InvalidInputError("owner_unknown", "The owner must be a person with an account in use.");
}
