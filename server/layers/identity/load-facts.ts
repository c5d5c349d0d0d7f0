import type { Database, Tx } from "../../../db/client.ts";
import { agentsAbove } from "../../../db/family.ts";
import { present } from "../../kernel/ensure.ts";
import type { Kin } from "../../kernel/family-line.ts";
import { openAttestation } from "./attestation-jws.ts";
import type { AttestationKeys } from "./attestation-keys.ts";
import { certifiedKey } from "./certified-keys.ts";
import { claimDigest } from "./engine/claim-digest.ts";
import type { AgentFacts, Attestation, StatedClaim } from "./engine/judge-facts.ts";
import type { CertifiedKey } from "./engine/judge-identity.ts";
import { CLAIMS, type Claim, type ClaimValue, type PersonAuthority } from "./facts-schema.ts";
import {
  type AttestationRow,
  activeCredentials,
  type ClaimRow,
  newestAttestations,
  newestClaims,
  type PersonRow,
  peopleByIds,
  rootPem,
} from "./facts-store.ts";
import type { AgentRow } from "./store.ts";

export type LoadedFacts = { agent: AgentRow; facts: AgentFacts; people: ReadonlyMap<string, PersonRow> };

/**
 * Everything that is known of these agents' facts at `now`, with every signature checked: an attestation is
 * what its JWS says, a certificate what its authority signed, and rows are only where they are found.
 */
export async function loadFacts(
  db: Database | Tx,
  agents: readonly AgentRow[],
  at: { now: Date; keys: AttestationKeys },
): Promise<LoadedFacts[]> {
  if (agents.length === 0) return [];
  const ids = agents.map((agent) => agent.id);
  const claims = await newestClaims(db, ids);
  const given = await newestAttestations(db, ids);
  const certified = await certifiedKeys(db, agents, at.now);
  const people = await peopleByIds(db, [
    ...agents.flatMap((agent) => agent.ownerId ?? []),
    ...claims.map((claim) => claim.statedBy),
    ...given.flatMap((one) => [one.attestedBy, ...(one.withdrawal ? [one.withdrawal.withdrawnBy] : [])]),
  ]);
  const elders = new Map<string, Kin[]>();
  for (const { id, parentId } of agents) if (parentId) elders.set(id, await agentsAbove(db, id));
  return agents.map((agent) => ({
    agent,
    people,
    facts: {
      now: at.now,
      ownerId: agent.ownerId,
      identity: {
        agent: { ...agent, above: elders.get(agent.id) ?? [] },
        keys: certified.get(agent.id) ?? [],
      },
      claims: statedClaims(agent, claims, people),
      attestations: given
        .filter((one) => one.agentId === agent.id)
        .map((one) => attestation(agent, one, people, at.keys)),
    },
  }));
}

/** What the register itself says of an agent; null for claims that are stated. */
export function registerValue(agent: AgentRow, claim: Claim): ClaimValue | null {
  if (claim === "core_identity")
    return { agent_id: agent.did, name: agent.name, created: agent.createdAt.toISOString() };
  if (claim === "owner") return agent.ownerId === null ? null : { owner_id: agent.ownerId };
  return null;
}

function statedClaims(
  agent: AgentRow,
  rows: readonly ClaimRow[],
  people: ReadonlyMap<string, PersonRow>,
): StatedClaim[] {
  return CLAIMS.flatMap((claim): StatedClaim[] => {
    if (claim === "core_identity") return [registered(agent)];
    const row = rows.find((one) => one.agentId === agent.id && one.claim === claim);
    if (!row) return [];
    const value = row.value as ClaimValue;
    const digest = claimDigest(agent.did, claim, value);
    const own = registerValue(agent, claim);
    const matches = claim !== "owner" || (own !== null && claimDigest(agent.did, claim, own) === digest);
    const stater = row.statedByType === "system" ? "vigil" : (people.get(row.statedBy) ?? "unknown");
    return [
      { claim, value, digest, intact: digest === row.digest && matches, stater, statedAt: row.statedAt },
    ];
  });
}

function registered(agent: AgentRow): StatedClaim {
  const value = present(registerValue(agent, "core_identity"), "the register's own claim");
  const digest = claimDigest(agent.did, "core_identity", value);
  return { claim: "core_identity", value, digest, intact: true, stater: "vigil", statedAt: agent.createdAt };
}

function attestation(
  agent: AgentRow,
  row: AttestationRow,
  people: ReadonlyMap<string, PersonRow>,
  keys: AttestationKeys,
): Attestation {
  const signed = openAttestation(row.jws, keys);
  const genuine =
    signed !== null &&
    signed.jti === row.id &&
    signed.sub === agent.did &&
    signed.claim === row.claim &&
    signed.digest === row.digest &&
    signed.authority === row.authority &&
    signed.attester === row.attestedBy &&
    signed.iat === Math.floor(row.attestedAt.getTime() / 1000) &&
    signed.exp * 1000 === row.expiresAt.getTime();
  const { id, digest, attestedAt, expiresAt, jws, withdrawal } = row;
  return {
    ...{ id, digest, attestedAt, expiresAt, jws, genuine },
    claim: row.claim as Claim,
    authority: row.authority as PersonAuthority,
    attester: people.get(row.attestedBy) ?? "unknown",
    withdrawn: withdrawal && {
      at: withdrawal.withdrawnAt,
      by: people.get(withdrawal.withdrawnBy)?.name ?? withdrawal.withdrawnBy,
      reason: withdrawal.reason,
    },
  };
}

async function certifiedKeys(
  db: Database | Tx,
  agents: readonly AgentRow[],
  now: Date,
): Promise<Map<string, CertifiedKey[]>> {
  const root = await rootPem(db);
  const byAgent = new Map(
    agents.map((agent) => [agent.id, { name: agent.name, keys: [] as CertifiedKey[] }]),
  );
  for (const { credential, authority } of await activeCredentials(
    db,
    agents.map((agent) => agent.id),
    now,
  )) {
    const own = byAgent.get(credential.agentId);
    own?.keys.push(certifiedKey({ agent: own.name, credential, authority, rootPem: root }));
  }
  return new Map([...byAgent].map(([id, { keys }]) => [id, keys]));
}
