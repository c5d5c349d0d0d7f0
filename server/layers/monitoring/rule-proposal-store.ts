import { and, desc, eq, gt, inArray, lte, sql } from "drizzle-orm";
import type { Database, Tx } from "../../../db/client.ts";
import { ruleProposals, ruleSets, users } from "../../../db/schema/index.ts";
import { NotFoundError } from "../../kernel/errors.ts";
import { FIRST_RULES } from "./current-rules.ts";
import { type RuleSet, ruleSet } from "./rules-schema.ts";

type Source = Database | Tx;
export type RuleProposalRow = typeof ruleProposals.$inferSelect;
export type RuleVersionRow = typeof ruleSets.$inferSelect;
export type Account = { id: string; email: string; name: string; roles: string; disabledAt: Date | null };

/** Whoever changes the rules waits here for the one before. */
export async function lockRules(tx: Tx): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended('detection rules', 0))`);
}

/** The proposal with its row locked: decisions on it come one after the other. @throws NotFoundError `proposal_unknown`. */
export async function lockRuleProposal(tx: Tx, id: string): Promise<RuleProposalRow> {
  const [row] = await tx.select().from(ruleProposals).where(eq(ruleProposals.id, id)).for("update");
  if (!row) throw new NotFoundError("proposal_unknown", "There is no such proposal.", { proposal: id });
  return row;
}

/** @throws NotFoundError `proposal_unknown`. */
export async function ruleProposalById(db: Source, id: string): Promise<RuleProposalRow> {
  const [row] = await db.select().from(ruleProposals).where(eq(ruleProposals.id, id));
  if (!row) throw new NotFoundError("proposal_unknown", "There is no such proposal.", { proposal: id });
  return row;
}

/** Proposals, the newest first. */
export function ruleProposalRows(
  db: Source,
  { status, limit, now }: { status: string | undefined; limit: number; now: Date },
): Promise<RuleProposalRow[]> {
  const pending = eq(ruleProposals.status, "pending");
  const where =
    status === undefined
      ? undefined
      : status === "pending"
        ? and(pending, gt(ruleProposals.expiresAt, now))
        : eq(ruleProposals.status, status);
  return db.select().from(ruleProposals).where(where).orderBy(desc(ruleProposals.proposedAt)).limit(limit);
}

/** Proposals that wait and whose time is over. */
export function overdueRuleProposals(tx: Tx, now: Date): Promise<RuleProposalRow[]> {
  return tx
    .update(ruleProposals)
    .set({ status: "expired", decidedAt: now, decisionReason: "Nobody decided in time." })
    .where(and(eq(ruleProposals.status, "pending"), lte(ruleProposals.expiresAt, now)))
    .returning();
}

/** Versions of the rules by number. */
export async function ruleSetsByVersion(
  db: Source,
  versions: readonly number[],
): Promise<Map<number, RuleSet>> {
  if (versions.length === 0) return new Map();
  const rows = await db
    .select({ version: ruleSets.version, document: ruleSets.document })
    .from(ruleSets)
    .where(inArray(ruleSets.version, [...new Set(versions)]));
  return new Map([
    [FIRST_RULES.version, FIRST_RULES],
    ...rows.map(({ version, document }) => [version, ruleSet.parse(document)] as const),
  ]);
}

/** Versions, the newest first. */
export function ruleVersionRows(db: Source, limit: number): Promise<RuleVersionRow[]> {
  return db.select().from(ruleSets).orderBy(desc(ruleSets.version)).limit(limit);
}

/** Accounts by their ids. */
export async function accountsByIds(db: Source, ids: readonly string[]): Promise<Map<string, Account>> {
  const { id, email, name, roles, disabledAt } = users;
  const rows = await db
    .select({ id, email, name, roles, disabledAt })
    .from(users)
    .where(inArray(id, [...new Set(ids)]));
  return new Map(rows.map((row) => [row.id, row]));
}

/** As `accountsByIds`, with the rows locked: nobody is demoted or disabled while their decision is counted. */
export async function lockAccounts(tx: Tx, ids: readonly string[]): Promise<Map<string, Account>> {
  const { id, email, name, roles, disabledAt } = users;
  const rows = await tx
    .select({ id, email, name, roles, disabledAt })
    .from(users)
    .where(inArray(id, [...new Set(ids)]))
    .orderBy(id)
    .for("share");
  return new Map(rows.map((row) => [row.id, row]));
}
