import { and, desc, eq } from "drizzle-orm";
import type { Database, Tx } from "../../../db/client.ts";
import { trustOverrides } from "../../../db/schema/index.ts";
import { permits } from "../../access/permissions.ts";
import { parseRoles } from "../../access/roles.ts";
import type { Actor } from "../../kernel/actor.ts";
import { NotFoundError } from "../../kernel/errors.ts";
import { type OverrideFacts, overrideDigest } from "./engine/decide-override.ts";
import { personOf } from "./person-now.ts";
import type { AgentRow, UserRow } from "./store.ts";

export type OverrideRow = typeof trustOverrides.$inferSelect;
type Operator = Extract<Actor, { type: "operator" }>;

/** Shown of one agent: the newest. */
export const OVERRIDES_SHOWN_MAX = 50;

/** @throws NotFoundError `override_unknown`. */
export async function overrideById(db: Database | Tx, id: string): Promise<OverrideRow> {
  const [row] = await db.select().from(trustOverrides).where(eq(trustOverrides.id, id));
  if (!row)
    throw new NotFoundError("override_unknown", "There is no such override of trust.", { override: id });
  return row;
}

/** As `overrideById`, with the row locked. Whoever locks the agent as well has locked it before. */
export async function lockOverride(tx: Tx, id: string): Promise<OverrideRow> {
  const [row] = await tx.select().from(trustOverrides).where(eq(trustOverrides.id, id)).for("update");
  if (!row)
    throw new NotFoundError("override_unknown", "There is no such override of trust.", { override: id });
  return row;
}

export async function overridesOf(db: Database | Tx, agentId: string): Promise<OverrideRow[]> {
  return db
    .select()
    .from(trustOverrides)
    .where(eq(trustOverrides.agentId, agentId))
    .orderBy(desc(trustOverrides.requestedAt), desc(trustOverrides.id))
    .limit(OVERRIDES_SHOWN_MAX);
}

/** Moves a pending override on, once. @returns whether it was pending still. */
export async function leavePending(tx: Tx, id: string, to: Partial<OverrideRow>): Promise<boolean> {
  const moved = await tx
    .update(trustOverrides)
    .set(to)
    .where(and(eq(trustOverrides.id, id), eq(trustOverrides.status, "pending")))
    .returning({ id: trustOverrides.id });
  return moved.length === 1;
}

/** Everybody whose account bears on a decision. */
export function peopleOf(
  row: Pick<OverrideRow, "requestedBy">,
  ownerIds: readonly string[],
  deciderId: string,
): string[] {
  return [deciderId, row.requestedBy, ...ownerIds];
}

/** What the four-eyes table is asked: accounts as the database has them now. An account not found is `unknown`. */
export function overrideFacts(of: {
  row: OverrideRow;
  agent: Pick<AgentRow, "status" | "banned">;
  /** Accounts of those who own the agent or one above it. */
  ownerIds: readonly string[];
  users: ReadonlyMap<string, UserRow>;
  actor: Operator;
  now: Date;
}): OverrideFacts {
  const { row, agent, ownerIds, users, actor, now } = of;
  const account = users.get(actor.id);
  return {
    decider: {
      id: actor.id,
      email: account?.email ?? actor.email,
      mayDecide: account !== undefined && permits(parseRoles(account.roles), "trust.decide"),
      disabled: account === undefined || account.disabledAt !== null,
      inPerson: actor.sessionId !== null && actor.apiKeyId === undefined,
    },
    // A row that is not what was digested has a digest that no decision names.
    override: { ...row, digest: overrideDigest(row) === row.digest ? row.digest : "altered" },
    requester: users.get(row.requestedBy) ?? "unknown",
    owners: ownerIds.map((id) => personOf(users, id)),
    agent,
    now,
  };
}
