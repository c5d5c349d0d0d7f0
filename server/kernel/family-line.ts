import type { Check } from "./decision.ts";

/** How many generations a family has, its eldest included. */
export const FAMILY_GENERATIONS_MAX = 4;

/** Statuses in which an agent serves: it may act, and those below it may. */
export const SERVING_STATUSES: readonly string[] = ["enrolled", "active", "throttled"];

/** An agent as its family sees it. `isolated`: every gateway denies it whatever its status says. */
export type Kin = { name: string; status: string; banned: boolean; isolated?: boolean };

/** Whether the agent itself is in service. */
export function serves({ status, banned, isolated }: Kin): boolean {
  return !banned && !isolated && SERVING_STATUSES.includes(status);
}

/** How it stands, in a word that a sentence can take. */
export function standingOf({ status, banned, isolated }: Kin): string {
  if (banned) return "banned";
  return isolated && SERVING_STATUSES.includes(status) ? "isolated" : status;
}

/**
 * Whether everybody above an agent is in service: what a parent may not do at this moment, none of its children
 * may. A line that is longer than a family can be is a broken one.
 *
 * @param line those above the agent, nearest first; `null` stands for one that is named and not known.
 */
export function checkLine(line: readonly (Kin | null)[]): Check {
  const id = "parent-in-service";
  if (line.length >= FAMILY_GENERATIONS_MAX)
    return { id, passed: false, detail: "The agent's line of parents has no end: nothing rests on it." };
  for (const kin of line) {
    if (!kin)
      return { id, passed: false, detail: "A parent of the agent is not known here: nothing rests on it." };
    if (!serves(kin))
      return {
        id,
        passed: false,
        detail: `Its parent ${kin.name} is ${standingOf(kin)}: until that ends, nothing below it may act.`,
      };
  }
  const names = line.map((kin) => kin?.name).join(", ");
  return { id, passed: true, detail: names ? `In service above it: ${names}.` : "It has no parent." };
}
