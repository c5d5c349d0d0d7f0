import type { Database } from "../../../db/client.ts";
import { scopePolicies } from "../../../db/schema/index.ts";
import { canonicalBytes, type Json } from "../../kernel/canonical.ts";
import { sha256Label } from "../../kernel/hash.ts";
import { appendRecord } from "../audit/append.ts";
import { DEFAULT_POLICY } from "./default-policy.ts";
import { scopePolicy } from "./policy-schema.ts";

/** Writes version 1 of the scope policy where no policy is yet; called at every start. */
export async function ensureDefaultPolicy(db: Database, now: Date): Promise<void> {
  const policy = scopePolicy.parse(DEFAULT_POLICY);
  await db.transaction(async (tx) => {
    const written = await tx
      .insert(scopePolicies)
      .values({ version: policy.version, document: policy, createdBy: "set-up", createdAt: now })
      .onConflictDoNothing()
      .returning({ version: scopePolicies.version });
    if (written.length === 0) return;
    await appendRecord(tx, {
      kind: "policy.created",
      actor: { type: "system", id: "set-up" },
      now,
      policyVersion: policy.version,
      details: {
        digest: sha256Label(canonicalBytes(policy as unknown as Json)),
        scopes: policy.scopes.length,
      },
    });
  });
}
