import type { Database } from "../../../../db/client.ts";
import { importHistory } from "../import-history.ts";
import { SYSTEM } from "./agents-and-people.ts";
import { usualWeeks } from "./usual-weeks.ts";

/** Invented usual weeks of an agent as its imported history, with so many times the data. */
export async function giveHistory(
  db: Database,
  agentId: string,
  history: { weeks: number; fromMs: number; factor?: number },
): Promise<void> {
  const { weeks, fromMs, factor = 1 } = history;
  const windows = usualWeeks({ weeks, fromMs, timeZone: "UTC" }).map(({ atMs, features }) => ({
    ...{ at: new Date(atMs), calls: features.apiCallsPerMinute, endpoints: features.uniqueEndpoints },
    megabytes: features.dataMegabytes * factor,
  }));
  const now = new Date(fromMs + (weeks * 7 + 1) * 86_400_000);
  await importHistory({ db, actor: SYSTEM, now }, { agentId, windows });
}
