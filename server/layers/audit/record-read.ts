import type { VerbContext } from "../../access/verb-context.ts";
import { actorRecord } from "../../kernel/actor.ts";
import { appendRecord } from "./append.ts";
import { wasReadSince } from "./store.ts";

/** The same person reading the same thing again within this time is one reading. */
const COALESCE_MS = 10 * 60_000;

/**
 * Records that a person reads the audit log, before they are shown what they asked for: where it cannot be
 * recorded, nothing is shown. Vigil's own duties read without a record.
 *
 * @param read `key` says what is read; readings of one key by one person are recorded once in ten minutes.
 */
export async function recordRead(
  ctx: VerbContext,
  read: { key: string; details: Record<string, unknown> },
): Promise<void> {
  if (ctx.actor.type === "system") return;
  const actor = actorRecord(ctx.actor).name;
  const since = new Date(ctx.now.getTime() - COALESCE_MS);
  if (await wasReadSince(ctx.db, { key: read.key, actor, since })) return;
  await ctx.db.transaction((tx) =>
    appendRecord(tx, {
      kind: "audit.read",
      actor: ctx.actor,
      now: ctx.now,
      details: read.details,
      subjects: [read.key],
    }),
  );
}
