import { and, asc, desc, eq, gt, inArray } from "drizzle-orm";
import type { Database, Tx } from "../../../db/client.ts";
import {
  agentClaims,
  agents,
  attestations,
  attestationWithdrawals,
  authorities,
  credentials,
  users,
} from "../../../db/schema/index.ts";
import { NotFoundError } from "../../kernel/errors.ts";
import type { AgentRow, AuthorityRow, CredentialRow } from "./store.ts";

type Source = Database | Tx;
export type ClaimRow = typeof agentClaims.$inferSelect;
export type WithdrawalRow = typeof attestationWithdrawals.$inferSelect;
export type AttestationRow = typeof attestations.$inferSelect & { withdrawal: WithdrawalRow | null };
export type PersonRow = Pick<typeof users.$inferSelect, "id" | "email" | "name" | "roles" | "disabledAt">;

/** Agents by their names; those that do not exist are left out. */
export async function agentsByNames(db: Source, names: readonly string[]): Promise<AgentRow[]> {
  return (await db
    .select()
    .from(agents)
    .where(inArray(agents.name, [...names]))) as AgentRow[];
}

/** The newest statement of each claim of these agents. */
export async function newestClaims(db: Source, agentIds: readonly string[]): Promise<ClaimRow[]> {
  return db
    .selectDistinctOn([agentClaims.agentId, agentClaims.claim])
    .from(agentClaims)
    .where(inArray(agentClaims.agentId, [...agentIds]))
    .orderBy(agentClaims.agentId, agentClaims.claim, desc(agentClaims.ord));
}

/** The newest attestation of each claim, value and authority of these agents, newest first. */
export async function newestAttestations(db: Source, agentIds: readonly string[]): Promise<AttestationRow[]> {
  const { agentId, claim, digest, authority, ord } = attestations;
  const rows = await db
    .selectDistinctOn([agentId, claim, digest, authority], {
      attestation: attestations,
      withdrawal: attestationWithdrawals,
    })
    .from(attestations)
    .leftJoin(attestationWithdrawals, eq(attestationWithdrawals.attestationId, attestations.id))
    .where(inArray(agentId, [...agentIds]))
    .orderBy(agentId, claim, digest, authority, desc(ord));
  return rows
    .map(({ attestation, withdrawal }) => ({ ...attestation, withdrawal }))
    .sort((a, b) => b.ord - a.ord);
}

/** Everybody who ever attested anything of an agent, and as what. */
export async function attestersOf(
  db: Source,
  agentId: string,
): Promise<Pick<AttestationRow, "claim" | "digest" | "authority" | "attestedBy">[]> {
  const { claim, digest, authority, attestedBy } = attestations;
  return db
    .selectDistinct({ claim, digest, authority, attestedBy })
    .from(attestations)
    .where(eq(attestations.agentId, agentId));
}

/** @throws NotFoundError `attestation_unknown`. */
export async function attestationById(db: Source, id: string): Promise<typeof attestations.$inferSelect> {
  const [row] = await db.select().from(attestations).where(eq(attestations.id, id));
  if (!row) throw new NotFoundError("attestation_unknown", "There is no such attestation.", { id });
  return row;
}

/** People by their ids, whatever became of their accounts. */
export async function peopleByIds(db: Source, ids: readonly string[]): Promise<Map<string, PersonRow>> {
  return byId(
    await db
      .select(person)
      .from(users)
      .where(inArray(users.id, uniqueInOrder(ids))),
  );
}

/** People whose accounts stay as they are until the transaction ends, locked in one order for everybody. */
export async function lockPeople(tx: Tx, ids: readonly string[]): Promise<Map<string, PersonRow>> {
  const wanted = inArray(users.id, uniqueInOrder(ids));
  return byId(await tx.select(person).from(users).where(wanted).orderBy(asc(users.id)).for("share"));
}

const { id, email, name, roles, disabledAt } = users;
const person = { id, email, name, roles, disabledAt };
const uniqueInOrder = (ids: readonly string[]) => [...new Set(ids)].sort();
const byId = (rows: PersonRow[]) => new Map(rows.map((row) => [row.id, row]));

/** The active credentials of these agents at `now`, with the authority that each row names. */
export async function activeCredentials(
  db: Source,
  agentIds: readonly string[],
  now: Date,
): Promise<{ credential: CredentialRow; authority: AuthorityRow }[]> {
  return db
    .select({ credential: credentials, authority: authorities })
    .from(credentials)
    .innerJoin(authorities, eq(authorities.id, credentials.authorityId))
    .where(
      and(
        inArray(credentials.agentId, [...agentIds]),
        eq(credentials.status, "active"),
        gt(credentials.notAfter, now),
      ),
    );
}

/** The root's certificate; undefined before the authorities are made. */
export async function rootPem(db: Source): Promise<string | undefined> {
  const [row] = await db
    .select({ certificatePem: authorities.certificatePem })
    .from(authorities)
    .where(and(eq(authorities.purpose, "root"), eq(authorities.status, "active")))
    .orderBy(desc(authorities.createdAt))
    .limit(1);
  return row?.certificatePem;
}
