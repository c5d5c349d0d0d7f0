import type { AlertGroup } from "#server/layers/monitoring/alert-work-schema.ts";
import type { AlertView } from "#server/layers/monitoring/schema.ts";

/** Groups of one agent and cause keep their name while alerts come and go. */
export const groupName = ({ lead }: Pick<AlertGroup, "lead">): string =>
  `${lead.agent?.id ?? "none"}/${lead.groupKey}`;

/** What is on the screen, in its order: names of groups. */
export type ShownOrder = readonly string[];

/**
 * What to show of a new reading so that nothing moves under a reader: groups that were shown keep their place with
 * their new values, those that are gone leave, and new ones wait. Pages that were loaded after are added at the end.
 *
 * @param order what was shown; null shows all.
 * @returns the groups to show, and how many wait.
 */
export function settleGroups(
  read: readonly AlertGroup[],
  order: ShownOrder | null,
): { groups: AlertGroup[]; waiting: number } {
  if (order === null) return { groups: [...read], waiting: 0 };
  const byName = new Map(read.map((group) => [groupName(group), group]));
  const known = new Set(order);
  const kept = order.flatMap((name) => byName.get(name) ?? []);
  const lastKnown = read.findLastIndex((group) => known.has(groupName(group)));
  const unknown = read
    .map((group, index) => ({ group, index }))
    .filter(({ group }) => !known.has(groupName(group)));
  const behind = unknown.filter(({ index }) => index > lastKnown).map(({ group }) => group);
  const ahead = unknown.length - behind.length;
  // With nothing left of what was shown there is nobody to disturb.
  if (kept.length === 0) return { groups: [...read], waiting: 0 };
  return { groups: [...kept, ...behind], waiting: ahead };
}

export type QueueRow = { key: string; alert: AlertView; group: AlertGroup | null };

/** The rows of the queue: each group by its newest alert and, where it is unfolded, its members below it. */
export function queueRows(groups: readonly AlertGroup[], unfolded: ReadonlySet<string>): QueueRow[] {
  return groups.flatMap((group) => {
    const head: QueueRow = { key: String(group.lead.number), alert: group.lead, group };
    if (!unfolded.has(groupName(group))) return [head];
    const members = group.alerts.filter(({ id }) => id !== group.lead.id);
    return [head, ...members.map((alert) => ({ key: String(alert.number), alert, group: null }))];
  });
}
