import type { Tx } from "../../../db/client.ts";
import { notify } from "../../../db/listen.ts";
import { attestationWithdrawals } from "../../../db/schema/index.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import type { Actor } from "../../kernel/actor.ts";
import type { Check } from "../../kernel/decision.ts";
import { ConflictError, ForbiddenError } from "../../kernel/errors.ts";
import { appendRecord } from "../audit/append.ts";
import { attesterOf } from "./attester.ts";
import { mayWithdraw } from "./engine/decide-attestation.ts";
import {
  type PersonAuthority,
  type WithdrawAttestationInput,
  withdrawAttestationInput,
} from "./facts-schema.ts";
import { attestationById, lockPeople } from "./facts-store.ts";
import { agentById } from "./store.ts";

type By = { actor: Extract<Actor, { type: "operator" }>; stepUp: string; now: Date };
type Wish = ReturnType<typeof withdrawAttestationInput.parse>;

/**
 * Takes an attestation back, for good and at once, with a reason. Who gave it may, and whoever speaks for the
 * same authority. A refusal is recorded, then thrown.
 *
 * @param stepUp how the person proved a second factor.
 * @throws ForbiddenError `not_permitted`, or `withdrawal_refused` with the check that failed.
 * @throws ConflictError `attestation_withdrawn` where it is already, `attestation_over` where it has expired.
 * @throws NotFoundError `attestation_unknown`.
 */
export async function withdrawAttestation(
  ctx: VerbContext,
  input: WithdrawAttestationInput,
  stepUp: string,
): Promise<{ withdrawnAt: Date }> {
  requirePermission(ctx.actor, "facts.attest");
  const wish = withdrawAttestationInput.parse(input);
  const { actor, now } = ctx;
  if (actor.type !== "operator" || stepUp === "")
    throw new ForbiddenError("withdrawal_refused", "Only a person who confirmed that it is them withdraws.");
  const failed = await ctx.db.transaction((tx) => withdraw(tx, wish, { actor, stepUp, now }));
  if (failed) throw new ForbiddenError("withdrawal_refused", failed.detail, { check: failed.id });
  return { withdrawnAt: now };
}

async function withdraw(tx: Tx, wish: Wish, by: By): Promise<Check | null> {
  const { actor, stepUp, now } = by;
  const row = await attestationById(tx, wish.attestationId);
  const agent = await agentById(tx, row.agentId);
  const authority = row.authority as PersonAuthority;
  const people = await lockPeople(tx, [actor.id, row.attestedBy, ...(agent.ownerId ? [agent.ownerId] : [])]);
  const { checks } = mayWithdraw({
    attester: attesterOf(actor, people.get(actor.id)),
    authority,
    givenBy: people.get(row.attestedBy) ?? "unknown",
    owner: agent.ownerId === null ? null : (people.get(agent.ownerId) ?? "unknown"),
  });
  const { claim, digest } = row;
  const details = { attestationId: row.id, claim, digest, authority, reason: wish.reason, stepUp };
  const record = { actor, now, agent, checks, details };
  const failed = checks.find((check) => !check.passed);
  if (failed) {
    await appendRecord(tx, { ...record, kind: "fact.withdrawal_refused", outcome: "deny" });
    return failed;
  }
  if (row.expiresAt <= now)
    throw new ConflictError("attestation_over", "The attestation has expired: there is nothing to withdraw.");
  const written = await tx
    .insert(attestationWithdrawals)
    .values({
      ...{ attestationId: row.id, withdrawnBy: actor.id, reason: wish.reason, stepUp },
      withdrawnAt: now,
    })
    .onConflictDoNothing()
    .returning({ id: attestationWithdrawals.attestationId });
  if (written.length === 0)
    throw new ConflictError(
      "attestation_withdrawn",
      "Somebody withdrew this attestation already. Look again.",
    );
  await appendRecord(tx, { ...record, kind: "fact.attestation_withdrawn", outcome: "allow" });
  await notify(tx, "facts", agent.id);
  return null;
}
