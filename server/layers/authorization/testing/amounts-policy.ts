import type { Database } from "../../../../db/client.ts";
import { DEFAULT_POLICY } from "../default-policy.ts";
import { ALL_APPROVERS, type ScopePolicy, scopePolicy } from "../policy-schema.ts";
import { writePolicy } from "./write-policy.ts";

/** Payments in USD, up to 10,000 each; beyond 6,000 within an hour, two people decide. */
export const AMOUNTS_POLICY: ScopePolicy = scopePolicy.parse({
  ...DEFAULT_POLICY,
  version: 2,
  scopes: DEFAULT_POLICY.scopes.map((rule) =>
    rule.scope === "payments:execute"
      ? {
          ...rule,
          amounts: {
            currency: "USD",
            max: "10000",
            escalation: {
              ...{ above: "6000", withinSeconds: 3_600 },
              steps: [{ title: "Two people", needs: [{ from: ALL_APPROVERS, votes: 2 }] }],
            },
          },
        }
      : rule,
  ),
});

/** Writes it as the version that counts. */
export async function writeAmountsPolicy(db: Database): Promise<void> {
  await writePolicy(db, () => ({ scopes: AMOUNTS_POLICY.scopes }));
}

/** Up to this sum in USD. */
export const usd = (max: string) => ({ amount: { max, currency: "USD" } });
