import { desc } from "drizzle-orm";
import type { Database } from "../../../../db/client.ts";
import { scopePolicies } from "../../../../db/schema/index.ts";
import { DEFAULT_POLICY } from "../default-policy.ts";
import { type ApprovalStep, type ScopePolicy, scopePolicy } from "../policy-schema.ts";
import { NOW } from "./people-and-agents.ts";

/** Writes the next version of the policy: the default one but for what is given, and with these steps by scope. */
export async function writePolicy(
  db: Database,
  change: Partial<ScopePolicy> & { steps?: Record<string, ApprovalStep[]> } = {},
): Promise<ScopePolicy> {
  const { steps = {}, ...over } = change;
  const [last] = await db
    .select({ version: scopePolicies.version })
    .from(scopePolicies)
    .orderBy(desc(scopePolicies.version))
    .limit(1);
  const policy = scopePolicy.parse({
    ...DEFAULT_POLICY,
    ...over,
    version: (last?.version ?? 0) + 1,
    scopes: DEFAULT_POLICY.scopes.map((rule) => ({ ...rule, steps: steps[rule.scope] ?? rule.steps })),
  });
  await db
    .insert(scopePolicies)
    .values({ version: policy.version, document: policy, createdBy: "test", createdAt: NOW });
  return policy;
}

/** A step of a decision, in few words. */
export function step(title: string, ...needs: [from: string, votes: number][]): ApprovalStep {
  return { title, needs: needs.map(([from, votes]) => ({ from, votes })) };
}
