import { z } from "zod";
import { isUniqueViolation } from "../../db/client.ts";
import { destinations } from "../../db/schema/index.ts";
import { requirePermission } from "../access/permissions.ts";
import type { VerbContext } from "../access/verb-context.ts";
import { secretContext } from "../integrations/outbox/store.ts";
import { ConflictError } from "../kernel/errors.ts";
import { randomSecret, uuidv7 } from "../kernel/ids.ts";
import { sealForRole } from "../keys/role-box.ts";
import { appendRecord } from "../layers/audit/append.ts";

export const addDestinationInput = z.object({
  name: z.string().trim().min(1).max(80),
  url: z
    .url({ protocol: /^https?$/, error: "An http or https address." })
    .max(2_000)
    .refine(
      (url) => !URL.canParse(url) || (!new URL(url).username && !new URL(url).password),
      "The address must not hold a password.",
    ),
  /** The administrator's word that the receiver is inside the bank's network; without it such addresses are refused. */
  allowPrivate: z.boolean().default(false),
});

/**
 * Adds a webhook destination. Its secret is made here, sealed for the worker alone, and shown this once.
 *
 * @throws ForbiddenError `not_permitted`. @throws ConflictError `destination_name_taken`.
 * @throws UnavailableError `box_missing` while no worker has ever run.
 */
export async function addDestination(
  ctx: VerbContext,
  input: z.input<typeof addDestinationInput>,
): Promise<{ destinationId: string; secret: string }> {
  requirePermission(ctx.actor, "integrations.manage");
  const { name, url, allowPrivate } = addDestinationInput.parse(input);
  const { actor, now } = ctx;
  const destinationId = uuidv7(now.getTime());
  const secret = `whsec_${randomSecret()}`;
  try {
    await ctx.db.transaction(async (tx) => {
      const secretSealed = await sealForRole(tx, "worker", secretContext(destinationId), secret);
      await tx.insert(destinations).values({
        id: destinationId,
        name,
        kind: "webhook",
        url,
        allowPrivate,
        secretSealed,
        createdAt: now,
      });
      await appendRecord(tx, {
        kind: "destination.added",
        actor,
        now,
        details: { destinationId, name, url, allowPrivate },
        subjects: [destinationId],
      });
    });
  } catch (error) {
    if (isUniqueViolation(error))
      throw new ConflictError("destination_name_taken", `There is a destination named ${name} already.`, {
        name,
      });
    throw error;
  }
  return { destinationId, secret };
}
