import { eq } from "drizzle-orm";
import { inventHistory } from "../../agent/demo/history.ts";
import { PROFILES, type Profile } from "../../agent/demo/profiles.ts";
import type { Database } from "../../db/client.ts";
import { agents, baselines, installation } from "../../db/schema/index.ts";
import type { VerbContext } from "../access/verb-context.ts";
import { registerAgentWithScopes } from "../flows/register-agent.ts";
import { present } from "../kernel/ensure.ts";
import { createJoinToken } from "../layers/identity/create-join-token.ts";
import { registerPeer } from "../layers/isolation/register-peer.ts";
import { importHistory } from "../layers/monitoring/import-history.ts";
import { learnAgentBaseline } from "../layers/monitoring/learn-baseline.ts";

/** An agent of the fleet, and the token it enrols with where it has not yet. */
export type FleetMember = { name: string; joinToken: string | null };

const HISTORY_MS = 21 * 86_400_000;
const PEERS = [
  { name: "core-banking", zone: "shared", title: "Core banking" },
  { name: "card-switch", zone: "shared", title: "Card switch" },
  { name: "data-warehouse", zone: "shared", title: "Data warehouse" },
];

/**
 * Brings the demo bank to life: its agents, systems and three weeks of invented history, imported by an
 * operator and labelled so, and the baselines learnt from it. What is there already is left as it is.
 */
export async function seedDemoBank(
  db: Database,
  ownerId: string,
  now: Date,
  say: (line: string) => void,
): Promise<{ fleet: FleetMember[]; timeZone: string }> {
  const ctx: VerbContext = { db, now, actor: { type: "system", id: "demo" } };
  const [row] = await db.select().from(installation);
  const { timeZone } = present(row, "the installation");
  for (const peer of PEERS) await registerPeer(ctx, peer);
  const fleet: FleetMember[] = [];
  for (const [index, profile] of PROFILES.entries()) {
    const agentId = await ensureRegistered(ctx, profile, ownerId);
    say(`demo bank: ${profile.name} (${index + 1} of ${PROFILES.length})`);
    await ensureHistory(ctx, agentId, profile, timeZone, index + 1);
    fleet.push({ name: profile.name, joinToken: await joinTokenIfNew(ctx, profile.name) });
  }
  return { fleet, timeZone };
}

async function ensureRegistered(ctx: VerbContext, profile: Profile, ownerId: string): Promise<string> {
  const [found] = await ctx.db.select({ id: agents.id }).from(agents).where(eq(agents.name, profile.name));
  if (found) return found.id;
  const { name, title, zone, criticality, model, version, scopes } = profile;
  const made = await registerAgentWithScopes(ctx, {
    name,
    title,
    ownerId,
    zone,
    criticality,
    model,
    version,
    scopes,
    demo: true,
  });
  return made.agentId;
}

async function ensureHistory(
  ctx: VerbContext,
  agentId: string,
  profile: Profile,
  timeZone: string,
  seed: number,
): Promise<void> {
  const [learnt] = await ctx.db
    .select({ id: baselines.id })
    .from(baselines)
    .where(eq(baselines.agentId, agentId))
    .limit(1);
  if (learnt) return;
  const from = new Date(ctx.now.getTime() - HISTORY_MS);
  await importHistory(ctx, {
    agentId,
    windows: inventHistory(profile, { from, to: ctx.now, timeZone, seed }),
  });
  await learnAgentBaseline(ctx, { agentId });
}

async function joinTokenIfNew(ctx: VerbContext, agentName: string): Promise<string | null> {
  const [agent] = await ctx.db
    .select({ status: agents.status })
    .from(agents)
    .where(eq(agents.name, agentName));
  return agent?.status === "registered" ? (await createJoinToken(ctx, { agentName })).joinToken : null;
}
