import type { Database } from "../../../db/client.ts";
import { currentPolicy } from "./current-policy.ts";
import { currentTrust } from "./current-trust.ts";
import type { DecisionOpinion, PolicyDecisionPoint } from "./decision-schema.ts";
import { type AgentRow, liveGrants } from "./store.ts";

/**
 * Asks a decision point of a token before anything is locked: it may take its time, and nobody waits for it but
 * the agent. What changes until the token is decided changes our own decision alone, and the opinion can only
 * take away from that.
 *
 * @throws UnavailableError `policy_missing`.
 */
export async function askDecisionPoint(
  db: Database,
  point: PolicyDecisionPoint,
  ask: { agent: AgentRow; requested: readonly string[]; thumbprint: string; now: Date },
): Promise<DecisionOpinion | null> {
  const { agent, thumbprint, now } = ask;
  const policy = await currentPolicy(db);
  const held = await liveGrants(db, [agent.id], now);
  const { score: trust } = await currentTrust(db, agent.id, now);
  const names = ask.requested.length > 0 ? ask.requested : held.map(({ scope }) => scope);
  const { id, name, did, kind, status, zone } = agent;
  return point.ask({
    agent: { id, name, did, kind, status: agent.banned ? "banned" : status, zone },
    requested: [...new Set(names)].map((scope) => {
      const rule = policy.scopes.find((it) => it.scope === scope);
      const grants = held.filter((it) => it.scope === scope);
      const ends = grants.map(({ expiresAt }) => expiresAt?.getTime() ?? Number.POSITIVE_INFINITY);
      const last = Math.max(...ends);
      return {
        ...{ scope, risk: rule?.risk ?? null, group: rule?.group ?? null, held: grants.length > 0 },
        heldUntil: Number.isFinite(last) ? new Date(last).toISOString() : null,
      };
    }),
    ...{ trust, policyVersion: policy.version, thumbprint },
    at: now.toISOString(),
  });
}
