import { eq, sql } from "drizzle-orm";
import { notify } from "../../../db/listen.ts";
import { agents } from "../../../db/schema/index.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { InvalidInputError, NotFoundError } from "../../kernel/errors.ts";
import { sha256Label } from "../../kernel/hash.ts";
import { appendRecord } from "../audit/append.ts";
import { featuresOfImport } from "./engine/features.ts";
import { spreadOverDays } from "./engine/spread-over-days.ts";
import { type ImportHistoryInput, importHistoryInput } from "./schema.ts";

const ROWS_A_STATEMENT = 5_000;
const MINUTE_MS = 60_000;

/**
 * Brings in minutes of an agent's past that Vigil did not see itself. They are labelled `import`, are learnt from and
 * shown, never scored, and never replace what Vigil measured. Ends off the minute count for the minute begun.
 *
 * @returns how many minutes were new.
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `agent_unknown`.
 * @throws InvalidInputError `window_in_future`.
 */
export async function importHistory(
  ctx: VerbContext,
  input: ImportHistoryInput,
): Promise<{ imported: number }> {
  requirePermission(ctx.actor, "policy.change");
  const { agentId, windows, transitions, networks } = importHistoryInput.parse(input);
  const early = windows.find(({ at }) => at > ctx.now);
  if (early)
    throw new InvalidInputError(
      "window_in_future",
      `${early.at.toISOString()} has not been yet: history is past.`,
      {
        at: early.at.toISOString(),
      },
    );
  const rows = spreadOverDays(windows, { transitions, networks }).map((window) => ({
    at: new Date(window.at.getTime() - (window.at.getTime() % MINUTE_MS)).toISOString(),
    features: featuresOfImport(window),
  }));
  return ctx.db.transaction(async (tx) => {
    const [agent] = await tx
      .select({ id: agents.id, did: agents.did })
      .from(agents)
      .where(eq(agents.id, agentId));
    if (!agent) throw new NotFoundError("agent_unknown", "There is no such agent.", { agentId });
    let imported = 0;
    for (let start = 0; start < rows.length; start += ROWS_A_STATEMENT) {
      const part = JSON.stringify(rows.slice(start, start + ROWS_A_STATEMENT));
      const { rowCount } = await tx.execute(sql`
        insert into feature_windows (agent_id, at, features, source)
        select ${agentId}::uuid, r.at, r.features, 'import'
        from jsonb_to_recordset(${part}::jsonb) as r(at timestamptz, features jsonb)
        on conflict (agent_id, at) do nothing`);
      imported += rowCount ?? 0;
    }
    const times = rows.map((row) => row.at).sort();
    await appendRecord(tx, {
      kind: "history.imported",
      actor: ctx.actor,
      now: ctx.now,
      agent,
      details: {
        given: rows.length,
        imported,
        from: times[0],
        to: times.at(-1),
        digest: sha256Label(JSON.stringify(rows)),
      },
    });
    await notify(tx, "score", agentId);
    return { imported };
  });
}
