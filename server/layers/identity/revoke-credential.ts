import { and, eq } from "drizzle-orm";
import type { Tx } from "../../../db/client.ts";
import { notify } from "../../../db/listen.ts";
import { credentials } from "../../../db/schema/index.ts";
import type { Actor } from "../../kernel/actor.ts";
import { ConflictError } from "../../kernel/errors.ts";
import { appendRecord } from "../audit/append.ts";
import { agentById } from "./store.ts";

/** Why a certificate stopped counting, in words that map to CRL reason codes (RFC 5280 §5.3.1). */
export type RevokeReason =
  | "superseded"
  | "key-compromise"
  | "retired"
  | "banned"
  | "re-enrolled"
  | "authority-revoked";

/**
 * Revokes one certificate, in the caller's transaction: gateways hear of it at commit, and the authority's
 * next revocation list names it. The caller has checked the actor's permission.
 *
 * @throws ConflictError `credential_not_active` where it was revoked before or does not exist.
 */
export async function revokeCredential(
  tx: Tx,
  revocation: { credentialId: string; reason: RevokeReason; actor: Actor; now: Date },
): Promise<void> {
  const { credentialId, reason, actor, now } = revocation;
  const [row] = await tx
    .update(credentials)
    .set({ status: "revoked", revokedAt: now, revokeReason: reason })
    .where(and(eq(credentials.id, credentialId), eq(credentials.status, "active")))
    .returning();
  if (!row)
    throw new ConflictError(
      "credential_not_active",
      "This certificate is not active: it may be revoked already.",
    );
  await appendRecord(tx, {
    kind: "credential.revoked",
    actor,
    now,
    agent: await agentById(tx, row.agentId),
    details: { purpose: row.purpose, serial: row.serial, thumbprint: row.thumbprint, reason },
  });
  await notify(tx, "certificate", row.agentId);
}
