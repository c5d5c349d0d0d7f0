import { setImmediate } from "node:timers/promises";
import type { Tx } from "../../db/client.ts";
import { notify } from "../../db/listen.ts";
import { dryRunRules } from "../flows/dry-run-rules.ts";
import type { RuleDryRunResult } from "../layers/monitoring/rule-dry-run-schema.ts";
import {
  nextRuleDryRun,
  type RuleDryRunRow,
  updateRuleDryRun,
} from "../layers/monitoring/rule-dry-run-store.ts";
import type { Duty, DutyContext } from "./duty.ts";
import { holdLease } from "./lease.ts";

/** Progress is written as often as this many batches are read. */
const BATCHES_A_NOTE = 4;

/**
 * Tries rules on what was recorded when somebody asked for it, one dry-run after the other. One that a killed worker
 * left behind is done again from its beginning.
 */
export const tryRules: Duty = {
  name: "try-rules",
  everyMs: 2_000,
  wakes: ["rules"],
  run: async (context) => {
    const row = await nextRuleDryRun(context.db);
    if (!row) return { more: false };
    const write = writer(context, row.id);
    await write({ status: "running", startedAt: context.now, recordsRead: 0 });
    try {
      const { recordsRead, result } = await read(context, row, write);
      await write({ status: "done", endedAt: context.now, recordsRead, result });
    } catch (error) {
      if ((error as { code?: string }).code === "lease_lost") throw error;
      context.log.error({ err: error, dryRun: row.id }, "a dry-run of rules failed");
      await write({ status: "failed", endedAt: context.now, result: failed() });
    }
    return { more: true };
  },
};

type Write = (set: Partial<RuleDryRunRow>) => Promise<void>;

function read({ db, now }: DutyContext, row: RuleDryRunRow, write: Write) {
  let batches = 0;
  return dryRunRules(db, row, now, async (progress) => {
    if (++batches % BATCHES_A_NOTE === 1) await write(progress);
    // The other duties share this thread.
    await setImmediate();
  });
}

function writer({ db, lease }: DutyContext, id: string): Write {
  return (set) =>
    db.transaction(async (tx: Tx) => {
      await holdLease(tx, lease);
      await updateRuleDryRun(tx, id, set);
      await notify(tx, "rules", id);
    });
}

function failed(): RuleDryRunResult {
  return {
    ...{ actionsRead: 0, agents: 0, lines: [], beyondLines: 0, onlyThen: [], cut: null },
    notLookedAt: ["Nothing was looked at."],
    failed: "The dry-run could not be done; the worker's log says why. Try again.",
  };
}
