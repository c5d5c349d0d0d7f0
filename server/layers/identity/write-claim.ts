import type { Tx } from "../../../db/client.ts";
import { notify } from "../../../db/listen.ts";
import { agentClaims } from "../../../db/schema/index.ts";
import { type Actor, actorRecord } from "../../kernel/actor.ts";
import { InvalidInputError } from "../../kernel/errors.ts";
import { uuidv7 } from "../../kernel/ids.ts";
import { appendRecord } from "../audit/append.ts";
import { claimDigest } from "./engine/claim-digest.ts";
import { CLAIM_VALUES, type Claim, type ClaimValue } from "./facts-schema.ts";

/**
 * Writes a statement of a claim with its record, in the caller's transaction, which has checked the permission
 * and holds the agent's row or has just made it.
 *
 * @returns the digest that attestations of this value are for.
 * @throws InvalidInputError `fact_malformed`.
 */
export async function writeClaim(
  tx: Tx,
  statement: {
    agent: { id: string; did: string };
    claim: Claim;
    value: ClaimValue;
    replaces: string | null;
    actor: Actor;
    now: Date;
  },
): Promise<string> {
  const { agent, claim, replaces, actor, now } = statement;
  const value = parseValue(claim, statement.value);
  const digest = claimDigest(agent.did, claim, value);
  const { id: statedBy, type: statedByType } = actorRecord(actor);
  await tx.insert(agentClaims).values({
    ...{ id: uuidv7(now.getTime()), agentId: agent.id, claim, value, digest, statedBy, statedByType },
    statedAt: now,
  });
  await appendRecord(tx, {
    kind: "fact.stated",
    actor,
    now,
    agent,
    details: { claim, value, digest, replaces },
  });
  await notify(tx, "facts", agent.id);
  return digest;
}

/** The value as its claim has it: no other members, texts in one form. */
export function parseValue(claim: Claim, value: ClaimValue): ClaimValue {
  const read = CLAIM_VALUES[claim].safeParse(value);
  if (read.success) return JSON.parse(JSON.stringify(read.data)) as ClaimValue;
  const [issue] = read.error.issues;
  throw new InvalidInputError(
    "fact_malformed",
    `The value of ${claim} is not as it should be: ${issue?.path.join(".") || claim}: ${issue?.message}`,
    { claim },
  );
}
