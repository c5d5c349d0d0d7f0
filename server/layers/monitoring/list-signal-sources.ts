import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { type SourceView, sourceView } from "./signal-source-schema.ts";
import { countsOfDay, liveSecrets, sourceRows, streamsWithGaps } from "./signal-source-store.ts";
import { lagsOfDay } from "./signal-store.ts";

const GAPS_SHOWN_MAX = 20;
const REFUSED = "refused:";

/** Every source of signals with its health: when it was heard, how late, what became of a day's events, what is missing. */
export async function listSignalSources({ db, actor, now }: VerbContext): Promise<SourceView[]> {
  requirePermission(actor, "integrations.manage");
  const rows = await sourceRows(db);
  const [counts, lags, streams] = await Promise.all([
    countsOfDay(db, now),
    lagsOfDay(db, now),
    streamsWithGaps(db),
  ]);
  return Promise.all(
    rows.map(async (row) =>
      sourceView.parse({
        ...row,
        secrets: await liveSecrets(db, row.id, now),
        day: dayOf(counts.get(row.id) ?? new Map(), lags.get(row.id)),
        gaps: streams
          .filter(({ sourceId }) => sourceId === row.id)
          .flatMap(({ stream, state }) => state.gaps.map((gap) => ({ ...gap, stream })))
          .toSorted((a, b) => b.noticedAt.localeCompare(a.noticedAt))
          .slice(0, GAPS_SHOWN_MAX),
      }),
    ),
  );
}

function dayOf(
  counts: ReadonlyMap<string, number>,
  lag: { median: number; p95: number } | undefined,
): SourceView["day"] {
  const of = (what: string) => counts.get(what) ?? 0;
  const [mapped, unmapped, held] = [of("mapped"), of("unmapped"), of("held")];
  const refusals = [...counts].filter(([what]) => what.startsWith(REFUSED));
  return {
    ...{ mapped, unmapped, held, received: mapped + unmapped + held },
    ...{ repeated: of("repeated"), heartbeats: of("heartbeat") },
    refused: refusals.reduce((sum, [, count]) => sum + count, 0),
    refusedBy: Object.fromEntries(refusals.map(([what, count]) => [what.slice(REFUSED.length), count])),
    lagMsMedian: lag?.median ?? null,
    lagMsP95: lag?.p95 ?? null,
  };
}
