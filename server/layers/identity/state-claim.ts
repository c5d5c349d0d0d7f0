import type { Tx } from "../../../db/client.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { ConflictError, InvalidInputError } from "../../kernel/errors.ts";
import { claimDigest } from "./engine/claim-digest.ts";
import { type Claim, REGISTER_CLAIMS, type StateClaimInput, stateClaimInput } from "./facts-schema.ts";
import { newestClaims } from "./facts-store.ts";
import { registerValue } from "./load-facts.ts";
import { type AgentRow, agentById, agentByName } from "./store.ts";
import { parseValue, writeClaim } from "./write-claim.ts";

/**
 * States a claim about an agent, or another value for it. Attestations of the value before stop counting; who
 * states does not attest. A claim of the register is stated with the register's value alone.
 *
 * @returns the digest that attestations of this value are for.
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `agent_unknown`.
 * @throws InvalidInputError `fact_malformed`, `fact_not_as_registered`.
 * @throws ConflictError `fact_changed` where another value stands than the caller saw, `fact_unchanged`.
 */
export async function stateClaim(ctx: VerbContext, input: StateClaimInput): Promise<{ digest: string }> {
  requirePermission(ctx.actor, "facts.state");
  const { name, claim, replaces, ...given } = stateClaimInput.parse(input);
  const value = parseValue(claim, given.value);
  const { actor, now } = ctx;
  return ctx.db.transaction(async (tx) => {
    const { id } = await agentByName(tx, name);
    const agent = await agentById(tx, id, true);
    const digest = claimDigest(agent.did, claim, value);
    refuseForeignValue(agent, claim, digest);
    await refuseUnseen(tx, { agent, claim, replaces, digest });
    await writeClaim(tx, { agent, claim, value, replaces, actor, now });
    return { digest };
  });
}

function refuseForeignValue(agent: AgentRow, claim: Claim, digest: string): void {
  if (!REGISTER_CLAIMS.includes(claim)) return;
  const own = claim === "core_identity" ? null : registerValue(agent, claim);
  if (own !== null && claimDigest(agent.did, claim, own) === digest) return;
  throw new InvalidInputError(
    "fact_not_as_registered",
    claim === "core_identity"
      ? "The core identity is what the register says; nobody states it."
      : `This is the register's to say, and it says otherwise: look at the agent ${agent.name}.`,
    { claim },
  );
}

async function refuseUnseen(
  tx: Tx,
  {
    agent,
    claim,
    replaces,
    digest,
  }: { agent: AgentRow; claim: Claim; replaces: string | null; digest: string },
): Promise<void> {
  const standing = (await newestClaims(tx, [agent.id])).find((one) => one.claim === claim) ?? null;
  const stored = standing && claimDigest(agent.did, claim, standing.value as Record<string, never>);
  if (stored !== replaces)
    throw new ConflictError("fact_changed", "Somebody stated another value meanwhile. Look again.", {
      claim,
    });
  if (digest === stored && digest === standing?.digest)
    throw new ConflictError("fact_unchanged", "This is the value that stands already.", { claim });
}
