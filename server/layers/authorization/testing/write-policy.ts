import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import type { Database } from "../../../../db/client.ts";
import { policyProposals, scopePolicies } from "../../../../db/schema/index.ts";
import { currentPolicy } from "../current-policy.ts";
import { proposalDigest } from "../engine/policy-digest.ts";
import { type ScopePolicy, scopePolicy } from "../policy-schema.ts";
import { NOW } from "./people-and-agents.ts";

/**
 * The next version of the policy, as if two people had decided it: for tests of what a policy says, not of how it
 * comes about.
 *
 * @param change what differs from the version that counts now.
 */
export async function writePolicy(
  db: Database,
  change: (before: ScopePolicy) => Partial<ScopePolicy>,
): Promise<ScopePolicy> {
  const before = await currentPolicy(db);
  const version = before.version + 1;
  const document = scopePolicy.parse({ ...before, ...change(before), version });
  const id = randomUUID();
  const [createdBy, approvedBy, reason] = ["first-person", "second-person", "for a test"];
  await db.transaction(async (tx) => {
    await tx.insert(policyProposals).values({
      ...{ id, document, reason, baseVersion: before.version, proposedBy: createdBy },
      digest: proposalDigest({ baseVersion: before.version, document }),
      ...{ proposedAt: NOW, expiresAt: NOW },
    });
    const decision = { status: "approved", decidedBy: approvedBy, decidedAt: NOW, stepUp: "totp", version };
    await tx.update(policyProposals).set(decision).where(eq(policyProposals.id, id));
    await tx
      .insert(scopePolicies)
      .values({ version, document, createdBy, approvedBy, reason, createdAt: NOW });
  });
  return document;
}
