import type { ActionFilter, DetectionRule, RuleMeasure } from "./rules-schema.ts";

const THINGS: Record<RuleMeasure, string> = {
  actions: "actions",
  subjects: "different customers or accounts",
  endpoints: "different endpoints",
  transactions: "different transactions",
};

/** What a rule looks for, as one sentence made from its document: what is shown is what is judged. */
export function ruleWords({ condition }: Pick<DetectionRule, "condition">): string {
  switch (condition.kind) {
    case "rate":
      return `More than ${number(condition.above)} ${THINGS[condition.measure]}${filterWords(condition.where)} within ${spanWords(condition.seconds)}.`;
    case "volume":
      return `More than ${bytesWords(condition.aboveBytes)} moved by actions${filterWords(condition.where)} within ${spanWords(condition.seconds)}.`;
    case "sequence": {
      const { first, next, seconds } = condition;
      return `First at least ${number(first.atLeast)} ${THINGS[first.measure]}${filterWords(first.where)}, and within ${spanWords(seconds)} then an action${filterWords(next.where)}.`;
    }
    case "credentials":
      return `Two certificates of one agent in use at the same time, from networks that have nothing in common, within ${spanWords(condition.seconds)}.`;
    case "forbidden-data": {
      const names = [...condition.words.map((word) => `the word ${word}`), ...condition.patterns];
      return `An action that touches an endpoint or data named by ${names.join(" or ")}, without the scope ${condition.unlessScope}.`;
    }
    case "single-action":
      return `An action${filterWords(condition.where)}.`;
    case "untrusted-time":
      return "An action that says it happened more than 10 minutes before it arrived, or more than 5 minutes after.";
  }
}

/** What follows when a rule fires. */
export function doesWords({ does }: Pick<DetectionRule, "does">): string {
  if (does === "refuse") return "The action is refused and an alert raised.";
  if (does === "limit")
    return "An alert is raised and the agent is limited to 60 requests a minute, until no rule has fired for it for half an hour.";
  return "An alert is raised.";
}

/** For which agents it holds. */
export function agentWords({ agents }: Pick<DetectionRule, "agents">): string {
  const parts = [
    agents?.names && `named ${agents.names.join(" or ")}`,
    agents?.kinds && `of the kind ${agents.kinds.join(" or ")}`,
    agents?.zones && `in zone ${agents.zones.join(" or ")}`,
    agents?.criticalities && `of criticality ${agents.criticalities.join(" or ")}`,
  ].filter(Boolean);
  return parts.length === 0 ? "All agents" : `Agents ${parts.join(", ")}`;
}

function filterWords(where: ActionFilter): string {
  const { actions, endpoints, data, peer, refused, bytesAtLeast, hours } = where;
  const parts = [
    actions && `named ${actions.join(" or ")}`,
    endpoints && `at ${endpoints.join(" or ")}`,
    data && `touching ${data.join(" or ")}`,
    peer && `to a peer ${peer} the bank`,
    refused !== undefined && (refused ? "that were refused" : "that were not refused"),
    bytesAtLeast !== undefined && `of ${bytesWords(bytesAtLeast)} or more`,
    hours && `between ${clock(hours.from)} and ${clock(hours.to)}`,
  ].filter(Boolean);
  return parts.length === 0 ? "" : ` ${parts.join(", ")}`;
}

function spanWords(seconds: number): string {
  if (seconds % 3_600 === 0) return seconds === 3_600 ? "an hour" : `${seconds / 3_600} hours`;
  if (seconds % 60 === 0) return seconds === 60 ? "a minute" : `${seconds / 60} minutes`;
  return `${seconds} seconds`;
}

function bytesWords(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let at = 0;
  let value = bytes;
  while (value >= 1_000 && at < units.length - 1) {
    value /= 1_000;
    at++;
  }
  return `${Number(value.toFixed(2))} ${units[at]}`;
}

const number = (value: number) => value.toLocaleString("en-GB");
const clock = (hour: number) => `${String(hour).padStart(2, "0")}:00`;
