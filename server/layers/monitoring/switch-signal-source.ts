import { and, eq, ne, sql } from "drizzle-orm";
import type { z } from "zod";
import { notify } from "../../../db/listen.ts";
import { signalSources } from "../../../db/schema/index.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { ConflictError } from "../../kernel/errors.ts";
import { appendRecord } from "../audit/append.ts";
import { raiseAlert } from "./raise-alert.ts";
import { switchSourceInput } from "./signal-source-schema.ts";
import { sourceById } from "./signal-source-store.ts";

/**
 * Switches a source of signals off or on. Off means that Vigil goes blind there, so that it raises an alert; on begins
 * the waiting for it anew.
 *
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `signal_source_unknown`.
 * @throws ConflictError `signal_source_changed`.
 */
export async function switchSignalSource(
  { db, actor, now }: VerbContext,
  input: z.input<typeof switchSourceInput>,
): Promise<{ version: number }> {
  requirePermission(actor, "integrations.manage");
  const { sourceId, version, enabled, reason } = switchSourceInput.parse(input);
  return db.transaction(async (tx) => {
    const { name } = await sourceById(tx, sourceId);
    const t = signalSources;
    const [changed] = await tx
      .update(t)
      .set({ enabled, heardAt: now, silentSince: null, version: sql`${t.version} + 1` })
      .where(and(eq(t.id, sourceId), eq(t.version, version), ne(t.enabled, enabled)))
      .returning({ version: t.version });
    if (!changed)
      throw new ConflictError(
        "signal_source_changed",
        `${name} is ${enabled ? "on" : "off"} already, or was changed in this moment. Look at it again.`,
      );
    const details = { sourceId, source: name, enabled, reason };
    await appendRecord(tx, {
      kind: "signal-source.switched",
      actor,
      now,
      details,
      subjects: [`signal-source:${sourceId}`],
    });
    if (!enabled)
      await raiseAlert(tx, {
        ...{ agentId: null, kind: "rule", rule: `signal-source-off:${name}`, severity: "high", actor, now },
        title: `${name} was switched off: its signals are refused`,
        detail: details,
      });
    await notify(tx, "signal", sourceId);
    return changed;
  });
}
