import { type Permission, permits } from "../../access/permissions.ts";
import { parseRoles } from "../../access/roles.ts";
import type { Actor } from "../../kernel/actor.ts";
import type { PersonFacts } from "../../kernel/same-person.ts";
import type { PersonNow } from "./engine/decide-break-glass.ts";
import type { AgentRow, UserRow } from "./store.ts";

export type Operator = Extract<Actor, { type: "operator" }>;

/** Somebody as the database has them now, whatever their session said when it began, and how they came. */
export function personNow(
  actor: Operator,
  users: ReadonlyMap<string, UserRow>,
  permission: Permission,
): PersonNow {
  const row = users.get(actor.id);
  return {
    ...{ id: actor.id, email: row?.email ?? actor.email },
    holdsRole: row !== undefined && permits(parseRoles(row.roles), permission),
    disabled: row === undefined || row.disabledAt !== null,
    inPerson: actor.sessionId !== null && actor.apiKeyId === undefined,
  };
}

/** The person with that id; `unknown` where the account cannot be found. */
export function personOf(users: ReadonlyMap<string, UserRow>, id: string): PersonFacts | "unknown" {
  return users.get(id) ?? "unknown";
}

/** Accounts of those who own an agent or one above it: they have no say in what it is given. */
export function ownersOf(line: readonly Pick<AgentRow, "ownerId">[]): string[] {
  return [...new Set(line.flatMap(({ ownerId }) => (ownerId ? [ownerId] : [])))];
}
