import { asc, eq } from "drizzle-orm";
import { clocks } from "../../db/schema/index.ts";
import { alarmClock } from "../flows/alarm-clock.ts";
import type { Duty } from "./duty.ts";
import { eachOf } from "./each-of.ts";
import { holdLease } from "./lease.ts";

const ACTOR = { type: "system", id: "alarm-clocks" } as const;

/** Watches the stored deadlines: alarms at 24, 12, 4 and 1 hours left and when overdue, each once for good. */
export const alarmClocks: Duty = {
  name: "alarm-clocks",
  everyMs: 1_000,
  wakes: ["clock"],
  run: async ({ db, lease, log, now, publish }) => {
    const running = await db
      .select()
      .from(clocks)
      .where(eq(clocks.status, "running"))
      .orderBy(asc(clocks.dueAt));
    await eachOf(running, log, (clock) =>
      db.transaction(async (tx) => {
        await holdLease(tx, lease);
        await alarmClock(tx, { clock, actor: ACTOR, now });
      }),
    );
    publish({ running: running.length, nextDueAt: running[0]?.dueAt.toISOString() ?? null });
    return { more: false };
  },
};
