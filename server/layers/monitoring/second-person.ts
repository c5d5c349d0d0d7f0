import { inArray } from "drizzle-orm";
import type { Database, Tx } from "../../../db/client.ts";
import { users } from "../../../db/schema/index.ts";
import { type Permission, permits } from "../../access/permissions.ts";
import { parseRoles } from "../../access/roles.ts";
import type { Actor } from "../../kernel/actor.ts";
import type { Check } from "../../kernel/decision.ts";
import { ConflictError, ForbiddenError } from "../../kernel/errors.ts";
import { decideSecond, MOVED_ON, type SecondFacts } from "./engine/decide-second.ts";

export type Person = typeof users.$inferSelect;
type Operator = Extract<Actor, { type: "operator" }>;

/** Accounts by id as they are now; with `lock` nobody is demoted or disabled while their decision is counted. */
export async function peopleByIds(
  db: Database | Tx,
  ids: readonly string[],
  lock = false,
): Promise<Map<string, Person>> {
  if (ids.length === 0) return new Map();
  const query = db
    .select()
    .from(users)
    .where(inArray(users.id, [...new Set(ids)]))
    .orderBy(users.id);
  const rows = await (lock ? query.for("share") : query);
  return new Map(rows.map((row) => [row.id, row]));
}

/** Accounts that own one of these agents. */
export function ownersOf(line: readonly { ownerId: string | null }[]): string[] {
  return [...new Set(line.flatMap(({ ownerId }) => (ownerId ? [ownerId] : [])))];
}

/** What the four-eyes table is asked: accounts as the database has them now. An account not found is `unknown`. */
export function secondFacts(of: {
  asked: SecondFacts["asked"];
  proposedBy: string;
  ownerIds: readonly string[];
  people: ReadonlyMap<string, Person>;
  actor: Operator;
  permission: Permission;
  now: Date;
}): SecondFacts {
  const { asked, proposedBy, ownerIds, people, actor, permission, now } = of;
  const account = people.get(actor.id);
  return {
    decider: {
      id: actor.id,
      email: account?.email ?? actor.email,
      mayDecide: account !== undefined && permits(parseRoles(account.roles), permission),
      disabled: account === undefined || account.disabledAt !== null,
      inPerson: actor.sessionId !== null && actor.apiKeyId === undefined,
    },
    proposer: people.get(proposedBy) ?? "unknown",
    owners: ownerIds.map((id) => people.get(id) ?? "unknown"),
    asked,
    now,
  };
}

/** Why the viewer may or may not decide, check by check. */
export function mayDecide(of: Omit<Parameters<typeof secondFacts>[0], "actor"> & { actor: Actor }): {
  allowed: boolean;
  checks: Check[];
} {
  const { actor } = of;
  if (actor.type !== "operator")
    return { allowed: false, checks: [{ id: "in-person", passed: false, detail: "Only people decide." }] };
  const { outcome, checks } = decideSecond(secondFacts({ ...of, actor }));
  return { allowed: outcome === "allow", checks };
}

/** The error of a decision that was refused: a conflict where the world moved on, else forbidden. */
export function refusedDecision({ id: check, detail }: Check): ConflictError | ForbiddenError {
  return MOVED_ON.includes(check)
    ? new ConflictError("decision_refused", detail, { check })
    : new ForbiddenError("decision_refused", detail, { check });
}

/** @throws ForbiddenError `not_a_person`: duties and scripts propose and decide nothing of this. */
export function requirePerson(actor: Actor): Operator {
  if (actor.type !== "operator")
    throw new ForbiddenError("not_a_person", "Only a person proposes or decides this.");
  return actor;
}
