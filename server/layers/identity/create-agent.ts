import { eq } from "drizzle-orm";
import type { z } from "zod";
import { isUniqueViolation, type Tx } from "../../../db/client.ts";
import { notify } from "../../../db/listen.ts";
import { agents, users } from "../../../db/schema/index.ts";
import type { Actor } from "../../kernel/actor.ts";
import { ConflictError, InvalidInputError } from "../../kernel/errors.ts";
import { uuidv7 } from "../../kernel/ids.ts";
import { appendRecord } from "../audit/append.ts";
import { admitParent } from "./admit-parent.ts";
import { agentDid } from "./engine/names.ts";
import { CLAIMS, type Claim, type ClaimValue, type RegisteredFacts } from "./facts-schema.ts";
import { type RegisterAgentInput, registerAgentInput } from "./schema.ts";
import { writeClaim } from "./write-claim.ts";

type Registration = { input: RegisterAgentInput; facts?: RegisteredFacts; actor: Actor; now: Date };

/**
 * Registers an agent in the caller's transaction, which has checked the permission. A name is used once,
 * for ever: it stays taken after the agent retires. Under a parent, the parent's line is held meanwhile, so
 * that whoever stops one of them finds this child, or was first and it is refused. The owner, the model and further
 * facts are stated with it.
 *
 * @throws ConflictError `agent_name_taken`. @throws InvalidInputError `owner_unknown`, `fact_malformed`.
 * @throws NotFoundError `agent_unknown` for the parent. @throws RefusedParentError with the checks.
 */
export async function createAgent(tx: Tx, given: Registration): Promise<{ agentId: string; did: string }> {
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
  await stateFacts(tx, agent, { ...factsOf(input), ...given.facts }, given);
  await notify(tx, "agent", agent.id);
  if (parent) await notify(tx, "agent", parent.id);
  return { agentId: agent.id, did: agent.did };
}

/** What the registration itself says of the agent, as claims. */
function factsOf(
  input: Omit<z.output<typeof registerAgentInput>, "parent">,
): Partial<Record<Claim, ClaimValue>> {
  const { ownerId, model, version } = input;
  return {
    ...(ownerId ? { owner: { owner_id: ownerId } } : {}),
    ...(model
      ? { baseline_model: { foundation_model: model, ...(version ? { model_version: version } : {}) } }
      : {}),
  };
}

async function stateFacts(
  tx: Tx,
  agent: { id: string; did: string },
  facts: Partial<Record<Claim, ClaimValue>>,
  { actor, now }: Registration,
): Promise<void> {
  for (const claim of CLAIMS) {
    const value = facts[claim];
    if (value) await writeClaim(tx, { agent, claim, value, replaces: null, actor, now });
  }
}

async function refuseUnknownOwner(tx: Tx, ownerId: string): Promise<void> {
  const [owner] = await tx.select({ disabledAt: users.disabledAt }).from(users).where(eq(users.id, ownerId));
  if (!owner || owner.disabledAt)
    throw new InvalidInputError("owner_unknown", "The owner must be a person with an account in use.");
}
