import { and, count, desc, eq, gt, inArray, isNull, lt, or } from "drizzle-orm";
import type { Database, Tx } from "../../../db/client.ts";
import { approvals, grants, policyProposals, scopePolicies } from "../../../db/schema/index.ts";
import { NotFoundError } from "../../kernel/errors.ts";
import { readDocument } from "./engine/read-document.ts";
import type { ScopePolicy } from "./policy-schema.ts";

export type ProposalRow = typeof policyProposals.$inferSelect;
export type VersionRow = typeof scopePolicies.$inferSelect;

/** @throws NotFoundError `proposal_unknown`. */
export async function proposalById(db: Database | Tx, id: string): Promise<ProposalRow> {
  const [row] = await db.select().from(policyProposals).where(eq(policyProposals.id, id));
  if (!row) throw unknownProposal(id);
  return row;
}

/** As `proposalById`, with the row locked: decisions on one proposal come one after the other. */
export async function lockProposal(tx: Tx, id: string): Promise<ProposalRow> {
  const [row] = await tx.select().from(policyProposals).where(eq(policyProposals.id, id)).for("update");
  if (!row) throw unknownProposal(id);
  return row;
}

function unknownProposal(id: string): NotFoundError {
  return new NotFoundError("proposal_unknown", "There is no such proposal.", { proposal: id });
}

/** @throws NotFoundError `version_unknown`. */
export async function versionRow(db: Database | Tx, version: number): Promise<VersionRow> {
  const [row] = await db.select().from(scopePolicies).where(eq(scopePolicies.version, version));
  if (!row)
    throw new NotFoundError("version_unknown", `There is no version ${version} of the policy.`, { version });
  return row;
}

/** Versions of the policy by number, in today's form. */
export async function policiesByVersion(
  db: Database | Tx,
  versions: readonly number[],
): Promise<Map<number, ScopePolicy>> {
  if (versions.length === 0) return new Map();
  const rows = await db
    .select({ version: scopePolicies.version, document: scopePolicies.document })
    .from(scopePolicies)
    .where(inArray(scopePolicies.version, [...new Set(versions)]));
  return new Map(rows.map(({ version, document }) => [version, readDocument(document)]));
}

/** Versions below `before`, the newest first. */
export function versionRows(
  db: Database,
  page: { before: number | undefined; limit: number },
): Promise<VersionRow[]> {
  return db
    .select()
    .from(scopePolicies)
    .where(page.before === undefined ? undefined : lt(scopePolicies.version, page.before))
    .orderBy(desc(scopePolicies.version))
    .limit(page.limit);
}

/** How many agents hold a live grant of each scope. */
export async function holdersByScope(db: Database, now: Date): Promise<Record<string, number>> {
  const live = db
    .selectDistinct({ scope: grants.scope, agentId: grants.agentId })
    .from(grants)
    .where(and(isNull(grants.revokedAt), or(isNull(grants.expiresAt), gt(grants.expiresAt, now))))
    .as("live");
  const rows = await db.select({ scope: live.scope, agents: count() }).from(live).groupBy(live.scope);
  return Object.fromEntries(rows.map(({ scope, agents }) => [scope, agents]));
}

/** Live grants of these scopes. */
export async function countLiveGrants(
  db: Database | Tx,
  scopes: readonly string[],
  now: Date,
): Promise<number> {
  if (scopes.length === 0) return 0;
  const [row] = await db
    .select({ live: count() })
    .from(grants)
    .where(
      and(
        inArray(grants.scope, [...scopes]),
        isNull(grants.revokedAt),
        or(isNull(grants.expiresAt), gt(grants.expiresAt, now)),
      ),
    );
  return row?.live ?? 0;
}

/** Requests that wait for a decision. */
export async function countWaiting(db: Database | Tx, now: Date): Promise<number> {
  const [row] = await db
    .select({ waiting: count() })
    .from(approvals)
    .where(and(eq(approvals.status, "pending"), gt(approvals.expiresAt, now)));
  return row?.waiting ?? 0;
}
