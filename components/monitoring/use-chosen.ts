"use client";

import { useRef, useState } from "react";
import type { AlertView } from "#server/layers/monitoring/schema.ts";
import type { QueueRow } from "./shown-groups.ts";

/** The alerts of a row: a group's members by its head, one alert by its own. */
export const alertsOf = ({ alert, group }: QueueRow): readonly AlertView[] => group?.alerts ?? [alert];

/**
 * What is chosen, by id, so that it survives new readings. An alert counts as it is shown now; one that is not shown any
 * more as it was when it was chosen.
 */
export function useChosen(rows: readonly QueueRow[]) {
  const [chosen, setChosen] = useState<ReadonlyMap<string, AlertView>>(new Map());
  const last = useRef<string | null>(null);
  const shown = new Map(rows.flatMap(alertsOf).map((alert) => [alert.id, alert]));
  const isChosen = (row: QueueRow) => alertsOf(row).every(({ id }) => chosen.has(id));
  const choose = (row: QueueRow, range: boolean) => {
    const from = rows.findIndex(({ key }) => key === last.current);
    const to = rows.findIndex(({ key }) => key === row.key);
    const several = range && from !== -1;
    const span = several ? rows.slice(Math.min(from, to), Math.max(from, to) + 1) : [row];
    const next = new Map(chosen);
    const adding = several || !isChosen(row);
    for (const alert of span.flatMap(alertsOf)) {
      if (adding) next.set(alert.id, alert);
      else next.delete(alert.id);
    }
    last.current = row.key;
    setChosen(next);
  };
  return {
    chosen: [...chosen.values()].map((alert) => shown.get(alert.id) ?? alert),
    isChosen,
    choose,
    clear: () => setChosen(new Map()),
  };
}
