import type { Tx } from "../../../db/client.ts";
import { notify } from "../../../db/listen.ts";
import { attestations } from "../../../db/schema/index.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { Actor } from "../../kernel/actor.ts";
import type { Check } from "../../kernel/decision.ts";
import { present } from "../../kernel/ensure.ts";
import { ConflictError, ForbiddenError } from "../../kernel/errors.ts";
import { uuidv7 } from "../../kernel/ids.ts";
import type { HeldKey } from "../../keys/key-store.ts";
import { appendRecord } from "../audit/append.ts";
import { signAttestation } from "./attestation-jws.ts";
import { attestationKey, heldAttestationKeys } from "./attestation-keys.ts";
import { attestationRequest, attesterOf, type FactsContext } from "./attester.ts";
import { decideAttestation } from "./engine/decide-attestation.ts";
import { LIFE_DAYS_MAX } from "./engine/facts-policy.ts";
import { type AttestClaimInput, attestClaimInput } from "./facts-schema.ts";
import { attestersOf, lockPeople } from "./facts-store.ts";
import { loadFacts } from "./load-facts.ts";
import { type AgentRow, agentById, agentByName } from "./store.ts";

type Wish = ReturnType<typeof attestClaimInput.parse> & { days: number };
type Given = { attestationId: string; expiresAt: Date };
type By = { actor: Extract<Actor, { type: "operator" }>; stepUp: string; now: Date; key: HeldKey };

const DAY_S = 86_400;
/** Checks that fail because the claim or the agent moved on, not because of who attests. */
const MOVED_ON: readonly string[] = ["stated", "intact", "same-value", "agent-in-use"];

/**
 * Attests a claim as it stands, for one authority: signed with that authority's key, good until it expires, is
 * withdrawn, or the claim gets another value. A refusal is recorded, then thrown.
 *
 * @param stepUp how the person proved a second factor.
 * @throws ForbiddenError `not_permitted`, or `attestation_refused` with the check that failed.
 * @throws ConflictError `attestation_refused` where the claim is not what the person saw.
 * @throws NotFoundError `agent_unknown`.
 */
export async function attestClaim(
  ctx: FactsContext,
  input: AttestClaimInput,
  stepUp: string,
): Promise<Given> {
  requirePermission(ctx.actor, "facts.attest");
  const parsed = attestClaimInput.parse(input);
  const wish = { ...parsed, days: parsed.days ?? LIFE_DAYS_MAX[parsed.authority] };
  const { actor, now } = ctx;
  if (actor.type !== "operator" || stepUp === "")
    throw new ForbiddenError("attestation_refused", "Only a person who confirmed that it is them attests.");
  const key = await attestationKey(ctx.keys, wish.authority, now);
  const held = await heldAttestationKeys(ctx.keys);
  const outcome = await ctx.db.transaction(async (tx) => {
    const { id } = await agentByName(tx, wish.name);
    const agent = await agentById(tx, id, true);
    const checks = await judge(tx, { agent, wish, actor, now, held });
    const failed = checks.find((check) => !check.passed);
    if (!failed)
      return { failed: null, given: await write(tx, agent, wish, checks, { actor, stepUp, now, key }) };
    await appendRecord(tx, {
      ...{ kind: "fact.attestation_refused", actor, now, agent, checks, outcome: "deny" },
      details: { ...about(wish), stepUp },
    });
    return { failed };
  });
  if (outcome.failed) throw refusal(outcome.failed);
  return outcome.given;
}

async function judge(
  tx: Tx,
  at: {
    agent: AgentRow;
    wish: Wish;
    actor: By["actor"];
    now: Date;
    held: Awaited<ReturnType<typeof heldAttestationKeys>>;
  },
): Promise<Check[]> {
  const { agent, wish, actor, now } = at;
  const before = await attestersOf(tx, agent.id);
  const people = await lockPeople(tx, [actor.id, ...before.map((one) => one.attestedBy)]);
  const [loaded] = await loadFacts(tx, [agent], { now, keys: at.held });
  const attester = attesterOf(actor, people.get(actor.id));
  const { claim, authority } = wish;
  const request = attestationRequest(present(loaded, "the agent's facts"), attester, {
    ...{ claim, authority, before, people },
  });
  return decideAttestation(request, wish).checks;
}

async function write(tx: Tx, agent: AgentRow, wish: Wish, checks: Check[], by: By): Promise<Given> {
  const { actor, stepUp, now, key } = by;
  const { claim, digest, authority } = wish;
  const id = uuidv7(now.getTime());
  const iat = Math.floor(now.getTime() / 1000);
  const exp = iat + wish.days * DAY_S;
  const expiresAt = new Date(exp * 1000);
  const jws = signAttestation(key, {
    ...{ jti: id, sub: agent.did, claim, digest, authority, attester: actor.id, iat, exp },
  });
  await tx.insert(attestations).values({
    ...{ id, agentId: agent.id, claim, digest, authority, attestedBy: actor.id, stepUp },
    ...{ attestedAt: now, expiresAt, jws },
  });
  await appendRecord(tx, {
    ...{ kind: "fact.attested", actor, now, agent, checks, outcome: "allow" },
    details: {
      ...about(wish),
      attestationId: id,
      keyId: key.keyId,
      expiresAt: expiresAt.toISOString(),
      stepUp,
    },
  });
  await notify(tx, "facts", agent.id);
  return { attestationId: id, expiresAt };
}

function about({ claim, digest, authority, days }: Wish) {
  return { claim, digest, authority, days };
}

function refusal(check: Check): ForbiddenError | ConflictError {
  const facts = { check: check.id };
  return MOVED_ON.includes(check.id)
    ? new ConflictError("attestation_refused", check.detail, facts)
    : new ForbiddenError("attestation_refused", check.detail, facts);
}
