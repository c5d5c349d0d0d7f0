import { inArray } from "drizzle-orm";
import type { Database, Tx } from "../../../db/client.ts";
import { users } from "../../../db/schema/index.ts";
import { InvalidInputError } from "../../kernel/errors.ts";
import { patchPolicy } from "./engine/patch-policy.ts";
import { type ScopePolicy, scopePolicy } from "./policy-schema.ts";
import type { PolicyPatch } from "./proposal-schema.ts";

const ISSUES_SAID = 5;

/**
 * The policy that somebody sends, whole or as a patch of its base, as the version that follows the base.
 *
 * @throws InvalidInputError `policy_invalid`, naming what is wrong and where.
 */
export function readProposed(
  base: ScopePolicy,
  sent: { document: Record<string, unknown> } | { patch: PolicyPatch },
): ScopePolicy {
  const whole = "patch" in sent ? patchPolicy(base, sent.patch) : sent.document;
  const { success, data, error } = scopePolicy.safeParse({ ...whole, version: base.version + 1 });
  if (success) return data;
  const issues = error.issues.map(({ path, message }) =>
    [path.join("."), message].filter(Boolean).join(": "),
  );
  const more = issues.length > ISSUES_SAID ? ` And ${issues.length - ISSUES_SAID} more.` : "";
  throw new InvalidInputError(
    "policy_invalid",
    `This is no valid policy. ${issues.slice(0, ISSUES_SAID).join(". ")}.${more}`,
    { issues: issues.length },
  );
}

/**
 * That every account which a policy newly names is there and not disabled: a name nobody has is a mistake.
 *
 * @throws InvalidInputError `person_unknown`.
 */
export async function requireAccounts(db: Database | Tx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const found = await db
    .select({ id: users.id, disabledAt: users.disabledAt })
    .from(users)
    .where(inArray(users.id, [...ids]));
  const missing = ids.filter((id) => !found.some((user) => user.id === id && user.disabledAt === null));
  if (missing.length > 0)
    throw new InvalidInputError(
      "person_unknown",
      `The policy names accounts that do not exist or are disabled: ${missing.slice(0, ISSUES_SAID).join(", ")}.`,
      { accounts: missing.length },
    );
}
