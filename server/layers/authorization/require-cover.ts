import type { Check } from "../../kernel/decision.ts";
import { ConflictError, InvalidInputError } from "../../kernel/errors.ts";
import { checkLine } from "../../kernel/family-line.ts";
import { coverFromAbove, type Elder } from "./engine/decide-scopes.ts";
import type { ScopePolicy } from "./policy-schema.ts";

/** @throws InvalidInputError `resource_server`: one asks about tokens, and holds no scope of its own. */
export function refuseResourceServer(agent: { kind: string; name: string }): void {
  if (agent.kind === "agent") return;
  throw new InvalidInputError(
    "resource_server",
    agent.kind === "resource-server"
      ? `${agent.name} is a resource server: it asks about the tokens of others and holds no scope.`
      : `${agent.name} is a ${agent.kind}: it holds no scope of its own.`,
    { agent: agent.name },
  );
}

/**
 * Everybody above an agent is in service and holds these scopes live: a child has at most what its parent has.
 *
 * @throws ConflictError `parent_not_in_service`, `not_covered_by_parent` naming who lacks what.
 */
export function requireCover(
  above: readonly Elder[],
  policy: ScopePolicy,
  scopes: readonly string[],
  now: Date,
): void {
  const line = checkLine(above);
  if (!line.passed) throw new ConflictError("parent_not_in_service", line.detail);
  for (const rule of policy.scopes.filter(({ scope }) => scopes.includes(scope))) {
    const { missing } = coverFromAbove(above, rule, now);
    if (missing) throw new ConflictError("not_covered_by_parent", missing, { scope: rule.scope });
  }
}

/** As `requireCover`, as the checks of a decision about one scope; none for an agent without a parent. */
export function coverChecks(above: readonly Elder[], policy: ScopePolicy, scope: string, now: Date): Check[] {
  const rule = policy.scopes.find((it) => it.scope === scope);
  if (above.length === 0) return [];
  const missing = rule ? coverFromAbove(above, rule, now).missing : `The policy knows no scope ${scope}.`;
  const names = above.map(({ name }) => name).join(", ");
  return [
    checkLine(above),
    {
      id: "covered-by-parent",
      passed: missing === null,
      detail: missing ?? `${scope} is held live by those above it: ${names}.`,
    },
  ];
}
