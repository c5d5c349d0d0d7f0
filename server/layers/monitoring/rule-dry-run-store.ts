import { and, asc, desc, eq, gte, inArray, lt, or, sql } from "drizzle-orm";
import type { Database, Tx } from "../../../db/client.ts";
import { accessTokens, auditPayloads, auditRecords, ruleDryRuns } from "../../../db/schema/index.ts";

export type RuleDryRunRow = typeof ruleDryRuns.$inferSelect;
export const RULE_DRY_RUN_BATCH = 500;
/** No reading of a dry-run holds the database for longer than this. */
const STATEMENT_MS_MAX = 5_000;

/** Reads in a short transaction that can change nothing. */
export function readBriefly<T>(db: Database, work: (tx: Tx) => Promise<T>): Promise<T> {
  return db.transaction(
    async (tx) => {
      await tx.execute(sql.raw(`set local statement_timeout = ${STATEMENT_MS_MAX}`));
      return work(tx);
    },
    { accessMode: "read only" },
  );
}

/** The dry-run to do next: the oldest that waits, or that a worker left unfinished. */
export async function nextRuleDryRun(db: Database): Promise<RuleDryRunRow | null> {
  const [row] = await db
    .select()
    .from(ruleDryRuns)
    .where(inArray(ruleDryRuns.status, ["waiting", "running"]))
    .orderBy(asc(ruleDryRuns.askedAt), asc(ruleDryRuns.id))
    .limit(1);
  return row ?? null;
}

export function openRuleDryRuns(db: Database | Tx): Promise<number> {
  return db.$count(ruleDryRuns, inArray(ruleDryRuns.status, ["waiting", "running"]));
}

export async function findRuleDryRun(db: Database, id: string): Promise<RuleDryRunRow | null> {
  const [row] = await db.select().from(ruleDryRuns).where(eq(ruleDryRuns.id, id));
  return row ?? null;
}

/** Writes what has changed of a dry-run that is not over. */
export async function updateRuleDryRun(tx: Tx, id: string, set: Partial<RuleDryRunRow>): Promise<void> {
  await tx
    .update(ruleDryRuns)
    .set(set)
    .where(and(eq(ruleDryRuns.id, id), inArray(ruleDryRuns.status, ["waiting", "running"])));
}

export type ReportedRecord = {
  id: string;
  at: Date;
  agentId: string | null;
  outcome: string | null;
  body: Buffer;
  payload: Buffer | null;
  encoding: string | null;
};

/** Records of agents' actions with what was sent, the newest first, behind the last one read. */
export function reportedBefore(
  tx: Tx,
  span: { from: Date; to: Date },
  last: Pick<ReportedRecord, "id" | "at"> | null,
  limit: number,
): Promise<ReportedRecord[]> {
  const { id, at, agentId, outcome, body, kind } = auditRecords;
  const behind = last ? or(lt(at, last.at), and(eq(at, last.at), lt(id, last.id))) : undefined;
  return tx
    .select({
      id,
      at,
      agentId,
      outcome,
      body,
      payload: auditPayloads.bytes,
      encoding: auditPayloads.encoding,
    })
    .from(auditRecords)
    .leftJoin(auditPayloads, eq(auditPayloads.recordId, id))
    .where(
      and(
        eq(kind, "agent.actions"),
        gte(at, span.from),
        lt(at, last ? new Date(last.at.getTime() + 1) : span.to),
        behind,
      ),
    )
    .orderBy(desc(at), desc(id))
    .limit(limit);
}

export type TokenFacts = { scopes: string[]; thumbprint: string };

/** What tokens carried, and the certificate that each was bound to. */
export async function tokensByJti(tx: Tx, jtis: readonly string[]): Promise<Map<string, TokenFacts>> {
  if (jtis.length === 0) return new Map();
  const { jti, scopes, thumbprint } = accessTokens;
  const rows = await tx
    .select({ jti, scopes, thumbprint })
    .from(accessTokens)
    .where(inArray(jti, [...new Set(jtis)]));
  return new Map(rows.map(({ jti: name, ...facts }) => [name, facts]));
}
