import type { Statement } from "../brief-schema.ts";

export type BlastFacts = {
  scope: string;
  durationSeconds: number;
  /** Zone of the agent, and what stands in the zones that it may reach. */
  zone: string;
  reachable: readonly { name: string; zone: string }[];
  /** Peers that it named lately, and how often. */
  reached: readonly { peer: string; calls: number }[];
  /** Kinds of data that its actions named lately, and how often. */
  touched: readonly { name: string; calls: number }[];
  /** How far back `reached` and `touched` look, hours. */
  lookedBackHours: number;
  /** Calls in its busiest hour of the last day; null where nothing was measured. */
  busiestHourCalls: number | null;
  /** Calls a minute while it is limited; null where it is not. */
  limitPerMinute: number | null;
  /** Agents below it, which may be given what it has. */
  below: readonly string[];
};

const NAMED_MAX = 6;

/** What could be touched if the agent misused the grant for all of its time: a statement for each way. */
export function blastRadius(facts: BlastFacts): Statement[] {
  return [reach(facts), volume(facts), data(facts), family(facts)].filter((it) => it !== null);
}

function reach({ zone, reachable, reached, lookedBackHours }: BlastFacts): Statement {
  const zones = [...new Set(reachable.map((peer) => peer.zone))];
  const used = new Set(reached.map(({ peer }) => peer));
  const unused = reachable.filter(({ name }) => !used.has(name)).length;
  const said =
    reachable.length === 0
      ? `From zone ${zone} it may reach no other system.`
      : `From zone ${zone} it may reach ${count(reachable.length, "system or agent", "systems and agents")} in ${count(zones.length, "zone", "zones")}: ${names(reachable.map(({ name }) => name))}. ${unused} of them it has not spoken to in ${lookedBackHours} hours.`;
  return { id: "reach", tone: zones.some((other) => other !== zone) ? "warn" : "note", detail: said };
}

function volume(facts: BlastFacts): Statement {
  const { busiestHourCalls, durationSeconds, limitPerMinute } = facts;
  if (busiestHourCalls === null || busiestHourCalls === 0)
    return {
      id: "volume",
      tone: "warn",
      detail: "Nothing was measured of it in the last day, so there is no usual volume to expect.",
    };
  const pace = Math.ceil((busiestHourCalls * durationSeconds) / 3_600);
  const limit = limitPerMinute === null ? null : Math.ceil((limitPerMinute * durationSeconds) / 60);
  const said = `At the pace of its busiest hour of the last day it makes ${count(pace, "call", "calls")} in the time that is asked for`;
  return {
    id: "volume",
    tone: "note",
    detail:
      limit === null
        ? `${said}.`
        : `${said}; it is limited to ${count(limit, "request", "requests")} in that time.`,
  };
}

function data({ touched, lookedBackHours }: BlastFacts): Statement {
  const sorted = [...touched].sort((a, b) => b.calls - a.calls || (a.name < b.name ? -1 : 1));
  return {
    id: "data",
    tone: "note",
    detail:
      sorted.length === 0
        ? `Its actions named no data in the last ${lookedBackHours} hours.`
        : `In the last ${lookedBackHours} hours its actions named ${count(sorted.length, "kind", "kinds")} of data: ${names(sorted.map(({ name }) => name))}.`,
  };
}

function family({ below, scope }: BlastFacts): Statement | null {
  if (below.length === 0) return null;
  return {
    id: "family",
    tone: "warn",
    detail: `${count(below.length, "agent", "agents")} below it may be given ${scope} too while this lasts: ${names(below)}.`,
  };
}

function names(all: readonly string[]): string {
  const shown = all.slice(0, NAMED_MAX).join(", ");
  return all.length > NAMED_MAX ? `${shown} and ${all.length - NAMED_MAX} more` : shown;
}

function count(n: number, one: string, many: string): string {
  return `${n.toLocaleString("en-US")} ${n === 1 ? one : many}`;
}
