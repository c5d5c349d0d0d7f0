import { and, eq, gt, inArray, isNull, or } from "drizzle-orm";
import type { z } from "zod";
import { notify } from "../../../db/listen.ts";
import { signalSecrets } from "../../../db/schema/index.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { ConflictError } from "../../kernel/errors.ts";
import { earlier } from "../../kernel/instants.ts";
import { appendRecord } from "../audit/append.ts";
import { addSignalSecret } from "./add-signal-secret.ts";
import type { SignalAuth } from "./signal-schema.ts";
import { rotateSecretInput } from "./signal-source-schema.ts";
import { liveSecrets, lockSource } from "./signal-source-store.ts";

const HOUR_MS = 3_600_000;

/**
 * Gives a source a new secret. The one before counts on for the overlap, so that nothing is lost while the source is
 * told; an older one ends now, and no secret lives longer than it would have.
 *
 * @returns the secret, this once.
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `signal_source_unknown`.
 * @throws ConflictError `signal_source_has_no_secret`.
 */
export async function rotateSignalSecret(
  { db, actor, now }: VerbContext,
  input: z.input<typeof rotateSecretInput>,
): Promise<{ secret: string; previousEndsAt: Date | null }> {
  requirePermission(actor, "integrations.manage");
  const { sourceId, overlapHours } = rotateSecretInput.parse(input);
  return db.transaction(async (tx) => {
    const source = await lockSource(tx, sourceId);
    const auth = source.auth as SignalAuth;
    if (auth === "certificate")
      throw new ConflictError(
        "signal_source_has_no_secret",
        `${source.name} proves itself by its certificate, which it renews itself.`,
      );
    const [newest, ...older] = await liveSecrets(tx, sourceId, now);
    const end = new Date(now.getTime() + overlapHours * HOUR_MS);
    const previousEndsAt = newest ? earlier(newest.endsAt ?? end, end) : null;
    const t = signalSecrets;
    const live = or(isNull(t.endsAt), gt(t.endsAt, now));
    if (newest)
      await tx
        .update(t)
        .set({ endsAt: previousEndsAt })
        .where(and(eq(t.id, newest.id), live));
    const oldIds = older.map(({ id }) => id);
    if (oldIds.length > 0)
      await tx
        .update(t)
        .set({ endsAt: now })
        .where(and(inArray(t.id, oldIds), live));
    const secret = await addSignalSecret(tx, { sourceId, auth, actor, now });
    await appendRecord(tx, {
      ...{ kind: "signal-source.secret-rotated", actor, now },
      details: { sourceId, source: source.name, overlapHours, previousEndsAt: previousEndsAt?.toISOString() },
      subjects: [`signal-source:${sourceId}`],
    });
    await notify(tx, "signal", sourceId);
    return { secret, previousEndsAt };
  });
}
