import { createPublicKey, type JsonWebKey, type KeyObject } from "node:crypto";
import type { LiveAgent, LiveCredential } from "../../flows/admit-action/world.ts";
import type { AgentStatus, Purpose } from "../../layers/identity/schema.ts";
import type { AgentRow, CredentialRow, Restrictions } from "./store.ts";

/** One agent before and after a re-read, with its certificates now; `before` is undefined where it was not held. */
export type Change = {
  before: LiveAgent | undefined;
  after: LiveAgent;
  credentials: readonly LiveCredential[];
  /** Those that were held as active, or not at all, and are revoked now. */
  newlyRevoked: readonly LiveCredential[];
  /** Certificates of everybody below it: they go when it is cut off. */
  below: readonly LiveCredential[];
};

/** What a gateway holds in memory of agents and their certificates. */
export type Holdings = ReturnType<typeof createHoldings>;

/** Makes empty holdings. Nothing in here reads a clock or a database. */
export function createHoldings() {
  const agents = new Map<string, LiveAgent>();
  const byDid = new Map<string, string>();
  const children = new Map<string, Set<string>>();
  const ofAgent = new Map<string, LiveCredential[]>();
  const byThumbprint = new Map<string, LiveCredential>();
  const byKeyId = new Map<string, LiveCredential>();

  const drop = (agentId: string) => {
    for (const credential of ofAgent.get(agentId) ?? []) {
      byThumbprint.delete(credential.thumbprint);
      byKeyId.delete(credential.keyId);
    }
    ofAgent.delete(agentId);
  };

  /** The certificates of everybody below an agent; a ring, which the database refuses, ends where it closes. */
  const below = (agentId: string, seen = new Set([agentId])): LiveCredential[] =>
    [...(children.get(agentId) ?? [])].flatMap((child) => {
      if (seen.has(child)) return [];
      seen.add(child);
      return [...(ofAgent.get(child) ?? []), ...below(child, seen)];
    });

  return {
    agent: (id: string) => agents.get(id),
    agentByDid: (did: string) => agents.get(byDid.get(did) ?? ""),
    count: () => agents.size,
    transportCredential: (thumbprint: string) => ofPurpose(byThumbprint.get(thumbprint), "transport"),
    signatureCredential: (keyId: string) => ofPurpose(byKeyId.get(keyId), "signature"),

    /** Takes in what was read of these agents, and says what changed. */
    replace(
      agentRows: readonly AgentRow[],
      credentialRows: readonly CredentialRow[],
      renewals: ReadonlyMap<string, readonly Purpose[]> = new Map(),
    ): Change[] {
      const read = agentRows.map((row) => {
        const after = liveAgent(row, renewals.get(row.id) ?? []);
        const before = agents.get(row.id);
        const known = new Set(revokedOf(ofAgent.get(row.id)).map((it) => it.thumbprint));
        agents.set(row.id, after);
        byDid.set(row.did, row.id);
        if (row.parentId) children.set(row.parentId, (children.get(row.parentId) ?? new Set()).add(row.id));
        drop(row.id);
        return { before, after, known };
      });
      for (const row of credentialRows) {
        const credential = liveCredential(row);
        byThumbprint.set(credential.thumbprint, credential);
        byKeyId.set(credential.keyId, credential);
        ofAgent.set(row.agentId, [...(ofAgent.get(row.agentId) ?? []), credential]);
      }
      return read.map(({ before, after, known }) => {
        const held = ofAgent.get(after.id) ?? [];
        const newlyRevoked = revokedOf(held).filter((it) => !known.has(it.thumbprint));
        return { before, after, credentials: held, newlyRevoked, below: below(after.id) };
      });
    },

    /** Agents for whom what is held is laxer or stricter than these restrictions say: they must be read again. */
    differFrom({ isolated, stopped, revoked }: Restrictions): Set<string> {
      const different = new Set<string>();
      const isolatedNow = new Map(isolated.map((row) => [row.agentId, row.epoch]));
      const stoppedNow = new Map(stopped.map((row) => [row.agentId, row]));
      for (const [id, agent] of agents) {
        const heldEpoch = agent.isolation.state === "open" ? undefined : agent.isolation.epoch;
        if (isolatedNow.get(id) !== heldEpoch) different.add(id);
        const stop = stoppedNow.get(id);
        if (stop && (stop.status !== agent.status || stop.banned !== agent.banned)) different.add(id);
        if (!stop && (agent.banned || STOPPED.includes(agent.status))) different.add(id);
      }
      for (const { agentId, thumbprint } of revoked)
        if (byThumbprint.get(thumbprint)?.status === "active") different.add(agentId);
      return different;
    },
  };
}

const revokedOf = (held: readonly LiveCredential[] = []) => held.filter((it) => it.status === "revoked");

const STOPPED: readonly string[] = ["contained", "suspended", "retired"];

/** Whether the agent's open connections must go: it may do nothing until a person says so. */
export function isCutOff(agent: LiveAgent): boolean {
  return agent.banned || STOPPED.includes(agent.status) || agent.isolation.state === "deny_all";
}

function ofPurpose(credential: LiveCredential | undefined, purpose: Purpose): LiveCredential | undefined {
  return credential?.purpose === purpose ? credential : undefined;
}

function liveAgent(row: AgentRow, renew: readonly Purpose[]): LiveAgent {
  return {
    id: row.id,
    name: row.name,
    did: row.did,
    kind: row.kind,
    parentId: row.parentId,
    status: row.status as AgentStatus,
    banned: row.banned,
    zone: row.zone,
    renew,
    isolation: {
      // A state this version does not know is read as the strictest.
      state:
        row.state === null || row.state === "open"
          ? "open"
          : row.state === "limited"
            ? "limited"
            : "deny_all",
      limitPerMinute: row.limitPerMinute,
      epoch: row.epoch ?? 0,
      reason: row.reason ?? "",
    },
  };
}

/** The key object is made when it is first needed: an installation has many thousand certificates. */
function liveCredential(row: CredentialRow): LiveCredential {
  let key: KeyObject | undefined;
  return {
    agentId: row.agentId,
    purpose: row.purpose as Purpose,
    thumbprint: row.thumbprint,
    keyId: row.keyId,
    status: row.status === "active" ? "active" : "revoked",
    notBefore: row.notBefore,
    notAfter: row.notAfter,
    get publicKey() {
      key ??= createPublicKey({ key: row.publicJwk as JsonWebKey, format: "jwk" });
      return key;
    },
  };
}
