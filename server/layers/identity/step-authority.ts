import type { Tx } from "../../../db/client.ts";
import { notify } from "../../../db/listen.ts";
import type { Actor } from "../../kernel/actor.ts";
import { ConflictError } from "../../kernel/errors.ts";
import { appendRecord } from "../audit/append.ts";
import { countDependents, doorsWithout, lockAuthority, moveAuthority } from "./authority-store.ts";
import { type AuthorityStep, decideAuthorityStep } from "./engine/authority-lifecycle.ts";
import { DOOR_PROFILE, PROFILES } from "./engine/profiles.ts";
import type { AuthorityStatus, Issuer } from "./schema.ts";
import type { AuthorityRow } from "./store.ts";

export type Stepping = {
  authorityId: string;
  step: AuthorityStep;
  to: AuthorityStatus;
  set: Parameters<typeof moveAuthority>[2];
  reason?: string;
  acceptedBreaks?: number;
  /** What else belongs to the step, before its record; what it returns is told there. */
  also?: (tx: Tx, authority: AuthorityRow) => Promise<Record<string, unknown>>;
  actor: Actor;
  now: Date;
};

/**
 * Takes one step of an issuing authority's life, in the caller's transaction, which has checked the permission. The
 * row is locked while the facts are read, so that two people cannot take two steps from the same place.
 *
 * @throws NotFoundError `authority_unknown`. @throws ConflictError `authority_step_refused`, saying what to do.
 */
export async function stepAuthority(tx: Tx, stepping: Stepping): Promise<AuthorityRow> {
  const { authorityId, step, to, set, actor, now } = stepping;
  const row = await lockAuthority(tx, authorityId);
  const decision = decideAuthorityStep(step, await factsOf(tx, row, stepping), now);
  const broken = decision.checks.find((check) => !check.passed);
  if (broken)
    throw new ConflictError("authority_step_refused", broken.detail, {
      authority: authorityId,
      check: broken.id,
    });
  const told = (await stepping.also?.(tx, row)) ?? {};
  if ((await moveAuthority(tx, row, { ...set, status: to })) === 0)
    throw new ConflictError("authority_step_refused", "Somebody else changed this authority. Look again.");
  await appendRecord(tx, {
    kind: `authority.${to}`,
    actor,
    now,
    checks: decision.checks,
    details: { authorityId, purpose: row.purpose, from: row.status, to, reason: stepping.reason, ...told },
  });
  await notify(tx, "certificate", "authority");
  await notify(tx, "certificate", "door");
  return row;
}

async function factsOf(tx: Tx, row: AuthorityRow, { step, acceptedBreaks = 0, now }: Stepping) {
  const purpose = row.purpose as Issuer;
  return {
    purpose,
    status: row.status as AuthorityStatus,
    notAfter: row.notAfter,
    leafLifeMs: purpose === "server" ? DOOR_PROFILE.lifeMs : PROFILES[purpose].lifeMs,
    // Only what the doors' handshake believes must be there first: every other purpose chains to the root.
    doorsWithout: step === "activate" && purpose === "transport" ? await doorsWithout(tx, row.id) : [],
    dependents: step === "revoke" ? ((await countDependents(tx, now, row.id)).get(row.id) ?? 0) : 0,
    acceptedBreaks,
  };
}
