import { and, count, desc, eq, gt, inArray, isNull, or, sql } from "drizzle-orm";
import type { Database, Tx } from "../../../db/client.ts";
import {
  accessTokens,
  agents,
  approvals,
  approvalVotes,
  credentials,
  grants,
  scopePolicies,
  users,
} from "../../../db/schema/index.ts";
import { NotFoundError } from "../../kernel/errors.ts";
import { type ClientAuthMethod, clientAuthMethods } from "./policy-schema.ts";

export type AgentRow = typeof agents.$inferSelect;
export type ApprovalRow = typeof approvals.$inferSelect;
export type VoteRow = typeof approvalVotes.$inferSelect;
export type GrantRow = typeof grants.$inferSelect;
export type UserRow = typeof users.$inferSelect;
export type AccessTokenRow = typeof accessTokens.$inferSelect;

/** Tokens live for whole seconds: a certificate that ends within this binds none. */
const TOKEN_LIFE_MS_MIN = 1_000;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The agent of that name or id. @throws NotFoundError `agent_unknown`. */
export async function agentByReference(db: Database | Tx, reference: string): Promise<AgentRow> {
  const named = eq(agents.name, reference);
  const [row] = await db
    .select()
    .from(agents)
    .where(UUID.test(reference) ? or(named, eq(agents.id, reference)) : named);
  if (!row) throw unknownAgent(reference);
  return row;
}

/** Agents by id, in order of name. */
export async function agentsByIds(db: Database | Tx, ids: readonly string[]): Promise<AgentRow[]> {
  if (ids.length === 0) return [];
  return db
    .select()
    .from(agents)
    .where(inArray(agents.id, [...ids]))
    .orderBy(agents.name);
}

/**
 * Locks the agent's row until the transaction ends. `share` lets others share it and keeps its status as it
 * is; `update` waits for all who share it, so that nothing they do is missed.
 *
 * @throws NotFoundError `agent_unknown`.
 */
export async function lockAgent(tx: Tx, agentId: string, strength: "share" | "update"): Promise<AgentRow> {
  const [row] = await tx
    .select()
    .from(agents)
    .where(eq(agents.id, agentId))
    .for(strength === "share" ? "share" : "no key update");
  if (!row) throw unknownAgent(agentId);
  return row;
}

export function unknownAgent(agent: string): NotFoundError {
  return new NotFoundError("agent_unknown", `There is no agent ${agent}.`, { agent });
}

/** The live credential with this certificate thumbprint and its agent; null where there is none. */
export async function liveTransport(
  db: Database | Tx,
  thumbprint: string,
  now: Date,
): Promise<{ agent: AgentRow; notAfter: Date } | null> {
  const [row] = await db
    .select({ agent: agents, credential: credentials })
    .from(credentials)
    .innerJoin(agents, eq(agents.id, credentials.agentId))
    .where(and(eq(credentials.thumbprint, thumbprint), eq(credentials.purpose, "transport")));
  if (!row) return null;
  const { agent, credential } = row;
  const live =
    credential.status === "active" &&
    credential.revokedAt === null &&
    credential.notBefore <= now &&
    credential.notAfter.getTime() - now.getTime() >= TOKEN_LIFE_MS_MIN;
  return live ? { agent, notAfter: credential.notAfter } : null;
}

/**
 * An agent as an OAuth client, if there is such an agent: its name, and its public OAuth keys that may authenticate it
 * now; and how the policy of this moment lets agents prove themselves.
 */
export async function oauthClient(
  db: Database | Tx,
  did: string,
  now: Date,
): Promise<{ clientAuth: ClientAuthMethod[]; client: { name: string; keys: unknown[] } | null }> {
  const newest = db
    .select({ clientAuth: sql`${scopePolicies.document}->'clientAuth'`.as("client_auth") })
    .from(scopePolicies)
    .orderBy(desc(scopePolicies.version))
    .limit(1)
    .as("newest");
  const rows = await db
    .select({ clientAuth: newest.clientAuth, name: agents.name, credential: credentials })
    .from(newest)
    .leftJoin(agents, eq(agents.did, did))
    .leftJoin(
      credentials,
      and(
        eq(credentials.agentId, agents.id),
        eq(credentials.purpose, "oauth"),
        eq(credentials.status, "active"),
      ),
    );
  const [first] = rows;
  const clientAuth = clientAuthMethods.parse(first?.clientAuth ?? undefined);
  if (!first?.name) return { clientAuth, client: null };
  const keys = rows
    .flatMap(({ credential }) => (credential ? [credential] : []))
    .filter((it) => it.revokedAt === null && it.notBefore <= now && it.notAfter > now)
    .map((it) => ({ ...(it.publicJwk as object), kid: it.keyId, use: "sig" }));
  return { clientAuth, client: { name: first.name, keys } };
}

/** Grants of an agent that are neither revoked nor over. */
export async function liveGrants(
  db: Database | Tx,
  agentIds: readonly string[],
  now: Date,
): Promise<GrantRow[]> {
  if (agentIds.length === 0) return [];
  return db
    .select()
    .from(grants)
    .where(
      and(
        inArray(grants.agentId, [...agentIds]),
        isNull(grants.revokedAt),
        or(isNull(grants.expiresAt), gt(grants.expiresAt, now)),
      ),
    )
    .orderBy(desc(grants.grantedAt));
}

/** What approvals gave, by approval, whatever became of it. */
export async function grantsOf(
  db: Database | Tx,
  approvalIds: readonly string[],
): Promise<Map<string, GrantRow>> {
  if (approvalIds.length === 0) return new Map();
  const rows = await db
    .select()
    .from(grants)
    .where(inArray(grants.approvalId, [...approvalIds]));
  return new Map(rows.map((row) => [row.approvalId ?? "", row]));
}

/** @throws NotFoundError `approval_unknown`. */
export async function approvalById(db: Database | Tx, id: string): Promise<ApprovalRow> {
  const [row] = await db.select().from(approvals).where(eq(approvals.id, id));
  if (!row) throw new NotFoundError("approval_unknown", "There is no such request.", { approval: id });
  return row;
}

/** As `approvalById`, with the row locked: votes on one request are counted one after the other. */
export async function lockApproval(tx: Tx, id: string): Promise<ApprovalRow> {
  const [row] = await tx.select().from(approvals).where(eq(approvals.id, id)).for("update");
  if (!row) throw new NotFoundError("approval_unknown", "There is no such request.", { approval: id });
  return row;
}

export async function votesOn(db: Database | Tx, approvalIds: readonly string[]): Promise<VoteRow[]> {
  if (approvalIds.length === 0) return [];
  return db
    .select()
    .from(approvalVotes)
    .where(inArray(approvalVotes.approvalId, [...approvalIds]))
    .orderBy(approvalVotes.votedAt);
}

export async function usersByIds(db: Database | Tx, ids: readonly string[]): Promise<Map<string, UserRow>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .select()
    .from(users)
    .where(inArray(users.id, [...new Set(ids)]));
  return new Map(rows.map((row) => [row.id, row]));
}

/** As `usersByIds`, with the rows locked: nobody is demoted or disabled while their vote is counted. */
export async function lockUsers(tx: Tx, ids: readonly string[]): Promise<Map<string, UserRow>> {
  const rows = await tx
    .select()
    .from(users)
    .where(inArray(users.id, [...new Set(ids)]))
    .orderBy(users.id)
    .for("share");
  return new Map(rows.map((row) => [row.id, row]));
}

export async function countPending(db: Database | Tx, now: Date): Promise<number> {
  const [row] = await db
    .select({ pending: count() })
    .from(approvals)
    .where(and(eq(approvals.status, "pending"), gt(approvals.expiresAt, now)));
  return row?.pending ?? 0;
}

export async function tokenByJti(db: Database | Tx, jti: string): Promise<AccessTokenRow | null> {
  const [row] = await db.select().from(accessTokens).where(eq(accessTokens.jti, jti));
  return row ?? null;
}
