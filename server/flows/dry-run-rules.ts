import type { Database } from "../../db/client.ts";
import { startStopwatch } from "../kernel/stopwatch.ts";
import { loadZoneMap } from "../layers/isolation/load-zone-map.ts";
import { endRuleDryRun, startRuleDryRun, type WouldFire } from "../layers/monitoring/engine/rules/dry-run.ts";
import {
  RULE_DRY_RUN_LINES_MAX,
  RULE_DRY_RUN_MS_MAX,
  RULE_DRY_RUN_RECORDS_MAX,
  type RuleDryRunResult,
} from "../layers/monitoring/rule-dry-run-schema.ts";
import {
  type ReportedRecord,
  RULE_DRY_RUN_BATCH,
  type RuleDryRunRow,
  readBriefly,
  reportedBefore,
} from "../layers/monitoring/rule-dry-run-store.ts";
import { ruledAgents } from "../layers/monitoring/rule-slices-store.ts";
import { firingsOf } from "../layers/monitoring/rule-views-store.ts";
import { detectionRule } from "../layers/monitoring/rules-schema.ts";
import { installationTimeZone } from "../layers/monitoring/window-store.ts";
import { emptyUnread, tryRecords, type Unread } from "./dry-run-rules/try-records.ts";

const FIRED_THEN_MAX = 5_000;
/** Slices held in memory, over all agents: about 200 bytes each. */
const HELD_MAX = 1_000_000;

export type DryRunBounds = { recordsMax: number; msMax: number; batch: number };
const BOUNDS: DryRunBounds = {
  recordsMax: RULE_DRY_RUN_RECORDS_MAX,
  msMax: RULE_DRY_RUN_MS_MAX,
  batch: RULE_DRY_RUN_BATCH,
};

/**
 * Tries rules on the recorded actions of a span, the newest first: what was signed and sent is folded and judged as
 * the gateway and the worker would, up to a bound of records and of time. What was not read is said.
 *
 * @param progress called after each batch, and waited for.
 */
export async function dryRunRules(
  db: Database,
  asked: Pick<RuleDryRunRow, "rules" | "fromAt" | "toAt">,
  now: Date,
  progress: (read: { recordsRead: number; readDownTo: Date }) => Promise<void>,
  bounds: DryRunBounds = BOUNDS,
): Promise<{ recordsRead: number; result: RuleDryRunResult }> {
  const rules = detectionRule.array().parse(asked.rules);
  const run = startRuleDryRun(rules, await installationTimeZone(db));
  const span = { from: asked.fromAt, to: asked.toAt };
  const clock = startStopwatch(now);
  const unread = emptyUnread();
  const { peers } = await loadZoneMap(db);
  let last: ReportedRecord | null = null;
  let recordsRead = 0;
  let cut: RuleDryRunResult["cut"] = null;
  for (;;) {
    const behind: ReportedRecord | null = last;
    const rows: ReportedRecord[] = await readBriefly(db, async (tx) => {
      const found = await reportedBefore(tx, span, behind, bounds.batch);
      await tryRecords(tx, run, found, { peers, unread });
      return found;
    });
    recordsRead += rows.length;
    last = rows.at(-1) ?? last;
    await progress({ recordsRead, readDownTo: last?.at ?? span.from });
    if (rows.length < bounds.batch || !last) break;
    const why = whyToStop(recordsRead, clock().getTime() - now.getTime(), run.held, bounds);
    if (why) {
      cut = { at: last.at, why };
      break;
    }
  }
  const would = endRuleDryRun(run);
  const readFrom = cut?.at ?? span.from;
  return {
    recordsRead,
    result: await compare(
      db,
      would,
      { ids: rules.map(({ id }) => id), from: readFrom, to: span.to },
      { run, cut, unread },
    ),
  };
}

function whyToStop(
  records: number,
  ms: number,
  held: number,
  { recordsMax, msMax }: DryRunBounds,
): string | null {
  if (records >= recordsMax) return `At most ${recordsMax} records are read.`;
  if (ms > msMax) return `Reading ends after ${msMax / 1_000} s.`;
  return held > HELD_MAX ? "The rules count more than can be held at once." : null;
}

/** The lines, against what fired then. */
async function compare(
  db: Database,
  would: readonly WouldFire[],
  { ids, from, to }: { ids: string[]; from: Date; to: Date },
  {
    run,
    cut,
    unread,
  }: { run: ReturnType<typeof startRuleDryRun>; cut: RuleDryRunResult["cut"]; unread: Unread },
): Promise<RuleDryRunResult> {
  const then = await firingsOf(db, ids, { from, to, limit: FIRED_THEN_MAX });
  const placeOf = (agentId: string, rule: string, episodeMs: number) => `${agentId}/${rule}/${episodeMs}`;
  const firedThen = new Set(then.map((it) => placeOf(it.agent.id, it.rule, it.episodeAt.getTime())));
  const firesNow = new Set(would.map((it) => placeOf(it.agentId, it.rule, it.episodeMs)));
  const shown = would.slice(0, RULE_DRY_RUN_LINES_MAX);
  const agents = await ruledAgents(
    db,
    shown.map(({ agentId }) => agentId),
  );
  return {
    ...{ actionsRead: run.actions, agents: run.agents.size, cut, failed: null },
    lines: shown.map(({ agentId, rule, firstMs, lastMs, episodeMs, counts, recordIds }) => ({
      ...{ rule, counts, recordIds, firstAt: new Date(firstMs), lastAt: new Date(lastMs) },
      agent: { id: agentId, name: agents.get(agentId)?.name ?? agentId },
      firedThen: firedThen.has(placeOf(agentId, rule, episodeMs)),
    })),
    beyondLines: would.length - shown.length,
    onlyThen: then
      .filter((it) => !firesNow.has(placeOf(it.agent.id, it.rule, it.episodeAt.getTime())))
      .slice(0, RULE_DRY_RUN_LINES_MAX)
      .map(({ rule, agent, firstAt, alertNumber }) => ({ rule, agent, firstAt, alertNumber })),
    notLookedAt: notLookedAt(unread, cut, then.length),
  };
}

function notLookedAt(unread: Unread, cut: RuleDryRunResult["cut"], then: number): string[] {
  const said = [
    "Agents, peers and zones are taken as they are today.",
    "An action that was refused for another reason counts for a rule that refuses, though it came no further then.",
  ];
  if (cut) said.push(`Nothing before ${cut.at.toISOString()} was read: ${cut.why}`);
  if (unread.payloads > 0) said.push(`${unread.payloads} records whose actions can no longer be read.`);
  if (unread.tokens > 0)
    said.push(`${unread.tokens} records whose token is gone: their scopes and certificate count as none.`);
  if (unread.places > 0)
    said.push(
      `${unread.places} records that do not say which of their actions were refused: all count as admitted.`,
    );
  if (then >= FIRED_THEN_MAX) said.push(`Of what fired then, the newest ${FIRED_THEN_MAX} are compared.`);
  return said;
}
