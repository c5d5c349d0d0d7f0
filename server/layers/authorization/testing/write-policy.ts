import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import type { Database } from "../../../../db/client.ts";
import { policyProposals, scopePolicies } from "../../../../db/schema/index.ts";
import { currentPolicy } from "../current-policy.ts";
import { DEFAULT_POLICY } from "../default-policy.ts";
import { proposalDigest } from "../engine/policy-digest.ts";
import { ensureDefaultPolicy } from "../ensure-default-policy.ts";
import { type ApprovalStep, type ScopePolicy, scopePolicy } from "../policy-schema.ts";
import { makePerson, NOW } from "./people-and-agents.ts";

type Over = Partial<ScopePolicy> & { steps?: Record<string, ApprovalStep[]> };

/**
 * The next version of the policy, as if two people had decided it: for tests of what a policy says, not of how it
 * comes about.
 *
 * @param change what differs from the version that counts now, as a function of it; or what differs from the default
 * policy, with the steps of single scopes.
 */
export async function writePolicy(
  db: Database,
  change: ((before: ScopePolicy) => Partial<ScopePolicy>) | Over = {},
): Promise<ScopePolicy> {
  await ensureDefaultPolicy(db, NOW);
  const before = await currentPolicy(db);
  const version = before.version + 1;
  const changed = typeof change === "function" ? { ...before, ...change(before) } : overDefault(change);
  const document = scopePolicy.parse({ ...changed, version });
  const id = randomUUID();
  const [{ id: createdBy }, { id: approvedBy }] = [await makePerson(db, []), await makePerson(db, [])];
  const reason = "for a test";
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

function overDefault({ steps = {}, ...over }: Over): Omit<ScopePolicy, "version"> {
  const scopes = DEFAULT_POLICY.scopes.map((rule) => ({ ...rule, steps: steps[rule.scope] ?? rule.steps }));
  return { ...DEFAULT_POLICY, scopes, ...over };
}

/** A step of a decision, in few words. */
export function step(title: string, ...needs: [from: string, votes: number][]): ApprovalStep {
  return { title, needs: needs.map(([from, votes]) => ({ from, votes })) };
}
