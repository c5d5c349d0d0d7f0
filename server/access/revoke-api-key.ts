import { and, eq, isNull } from "drizzle-orm";
import { apiKeys } from "../../db/schema/index.ts";
import { ConflictError, NotFoundError } from "../kernel/errors.ts";
import { appendRecord } from "../layers/audit/append.ts";
import { requirePermission } from "./permissions.ts";
import type { VerbContext } from "./verb-context.ts";

/**
 * Revokes an API key at once: one's own, or any for those who manage users.
 *
 * @throws NotFoundError `api_key_unknown`; ConflictError `api_key_revoked` where somebody was first.
 */
export async function revokeApiKey({ db, actor, now }: VerbContext, input: { id: string }): Promise<void> {
  const [key] = await db.select().from(apiKeys).where(eq(apiKeys.id, input.id));
  if (actor.type !== "operator" || key?.userId !== actor.id) requirePermission(actor, "users.manage");
  if (!key) throw new NotFoundError("api_key_unknown", "There is no such API key.");
  await db.transaction(async (tx) => {
    const revoked = await tx
      .update(apiKeys)
      .set({ revokedAt: now })
      .where(and(eq(apiKeys.id, input.id), isNull(apiKeys.revokedAt)))
      .returning({ id: apiKeys.id });
    if (revoked.length === 0) throw new ConflictError("api_key_revoked", "This key is revoked already.");
    await appendRecord(tx, {
      kind: "api-key.revoked",
      actor,
      now,
      outcome: "allow",
      details: { keyId: key.id, name: key.name },
    });
  });
}
