import { bytesOfCall, type ScenarioAgent } from "./agents.ts";
import type { BenignKind, Episode } from "./event.ts";
import type { Minute } from "./minute.ts";
import { type Random, randomOf } from "./random.ts";

type Effect = (minute: Minute, facts: { agent: ScenarioAgent; episode: Episode; random: Random }) => void;

/** Between two values by the episode's strength. */
const between = ({ strength }: Episode, low: number, high: number) => low + (high - low) * strength;

const OUTAGE_CATCH_UP_MS = 15 * 60_000;

/**
 * What each benign kind does to a minute of its agent. Twins reach as far as the attacks they resemble; what they lack
 * is what a bank would know them by: a known tool, a known site, no refusals, a change that stays.
 */
export const EFFECTS: Partial<Record<BenignKind, Effect>> = {
  "bulk-export": (minute, { agent, episode, random }) => {
    const calls = 2 + random.poisson(between(episode, 4, 20));
    const bytes = bytesOfCall(agent) * between(episode, 4, 20);
    const tool = agent.kind.tools[0];
    for (let i = 0; i < calls; i++)
      minute.extra.push({
        action: tool?.action ?? "export",
        endpoint: `/${agent.kind.name}/${tool?.action}/v1/0`,
        object: tool?.object ?? "report",
        bytes: random.size(bytes, 0.5),
      });
  },
  backfill: (minute, { episode }) => {
    minute.bytesFactor *= between(episode, 1.6, 2.6);
    minute.calls *= between(episode, 1.1, 1.3);
  },
  failover: (minute, { agent, episode }) => {
    minute.networks = [agent.standby];
    if (minute.fromMs - episode.fromMs < 120_000) minute.refusedShare = Math.max(minute.refusedShare, 0.1);
  },
  deploy: (minute, { agent, episode }) => {
    minute.order = swapped(agent, episode);
    minute.version = 2;
    minute.calls *= between(episode, 0.9, 1.2);
    minute.bytesFactor *= between(episode, 1.25, 0.85);
  },
  "partner-onboarding": (minute, { agent, episode, random }) => {
    for (let i = random.poisson(Math.max(0.3, 0.15 * minute.calls)); i > 0; i--) {
      const which = random.whole(1, 3);
      minute.extra.push({
        action: "partner.call",
        endpoint: `/partners/${episode.id}/${which}`,
        object: agent.kind.tools[0]?.object ?? "customer",
        bytes: random.size(0.6 * bytesOfCall(agent), 0.6),
        peer: `partner-${episode.id}`,
        refusedShare: 0.02,
      });
    }
  },
  "catalogue-refresh": (minute, { agent, random }) => {
    const tool = random.pick(agent.kind.tools);
    for (let i = random.whole(1, 2); i > 0; i--)
      minute.extra.push({
        action: tool.action,
        endpoint: `/${agent.kind.name}/${tool.action}/new/${random.whole(1, 60)}`,
        object: tool.object,
        bytes: random.size(0.3 * bytesOfCall(agent), 0.5),
      });
  },
  overtime: (minute, { agent, episode }) => {
    minute.calls = Math.max(minute.calls, agent.callsPerMinute * between(episode, 0.3, 0.7));
  },
  "retry-storm": (minute, { episode }) => {
    minute.refusedShare = between(episode, 0.4, 0.7);
    minute.retries = 2 + Math.floor(between(episode, 0, 3));
  },
  campaign: (minute, { episode }) => {
    minute.calls *= between(episode, 1.2, 1.4);
  },
  outage: (minute, { episode }) => {
    if (minute.fromMs < episode.toMs) minute.calls = 0;
    else minute.calls *= between(episode, 1.6, 2.8);
  },
  "delayed-delivery": (minute, { episode }) => {
    minute.heldBackMs = Math.max(0, episode.toMs - minute.fromMs);
  },
};

/** Until when an episode acts: a deploy for good, an outage until what waited is done, all others to their end. */
export function actsUntil({ kind, toMs }: Episode): number {
  if (kind === "deploy") return Number.POSITIVE_INFINITY;
  return kind === "outage" ? toMs + OUTAGE_CATCH_UP_MS : toMs;
}

/** Whether an episode acts in the minute that begins at an instant. */
export function acts(episode: Episode, atMs: number): boolean {
  if (atMs < episode.fromMs || atMs >= actsUntil(episode)) return false;
  return episode.minutes === null || episode.minutes.has(atMs);
}

/** Two neighbouring tools changed places. */
function swapped(agent: ScenarioAgent, episode: Episode): number[] {
  const order = agent.kind.tools.map((_, i) => i);
  const random = randomOf(agent.seed, episode.id);
  const first = random.whole(0, order.length - 2);
  [order[first], order[first + 1]] = [first + 1, first];
  return order;
}
