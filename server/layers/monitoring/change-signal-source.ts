import { and, eq, sql } from "drizzle-orm";
import type { z } from "zod";
import { notify } from "../../../db/listen.ts";
import { signalSources } from "../../../db/schema/index.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { ConflictError } from "../../kernel/errors.ts";
import { appendRecord } from "../audit/append.ts";
import { changeSourceInput } from "./signal-source-schema.ts";
import { mappingOf, sourceById } from "./signal-source-store.ts";

/**
 * Changes how a source's signals find their agents and what they raise. What was received keeps what it was taken for.
 *
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `signal_source_unknown`.
 * @throws ConflictError `signal_source_changed`.
 */
export async function changeSignalSource(
  { db, actor, now }: VerbContext,
  input: z.input<typeof changeSourceInput>,
): Promise<{ version: number }> {
  requirePermission(actor, "integrations.manage");
  const { sourceId, version, ...settings } = changeSourceInput.parse(input);
  return db.transaction(async (tx) => {
    const before = await sourceById(tx, sourceId);
    const t = signalSources;
    const [changed] = await tx
      .update(t)
      .set({ ...settings, version: sql`${t.version} + 1` })
      .where(and(eq(t.id, sourceId), eq(t.version, version)))
      .returning({ version: t.version });
    if (!changed)
      throw new ConflictError(
        "signal_source_changed",
        `${before.name} was changed in this moment. Look at it again.`,
      );
    const { alertFrom, findUnknown, ratePerMinute, silentAfterSeconds } = before;
    await appendRecord(tx, {
      ...{ kind: "signal-source.changed", actor, now },
      details: {
        ...{ sourceId, source: before.name, to: settings },
        from: { mapping: mappingOf(before), alertFrom, findUnknown, ratePerMinute, silentAfterSeconds },
      },
      subjects: [`signal-source:${sourceId}`],
    });
    await notify(tx, "signal", sourceId);
    return changed;
  });
}
