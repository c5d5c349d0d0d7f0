import { eq } from "drizzle-orm";
import { z } from "zod";
import { apiKeys, users } from "../../db/schema/index.ts";
import { ConflictError, ForbiddenError } from "../kernel/errors.ts";
import { sha256 } from "../kernel/hash.ts";
import { randomSecret, uuidv7 } from "../kernel/ids.ts";
import { appendRecord } from "../layers/audit/append.ts";
import type { VerbContext } from "./verb-context.ts";

const DAYS_MAX = 365;

export const createApiKeyInput = z.strictObject({
  name: z.string().trim().min(1).max(80),
  expiresInDays: z.number().int().min(1).max(DAYS_MAX).default(90),
});

/**
 * Makes an API key for oneself. The key is in the answer and nowhere else; what it may do are the roles its
 * owner has at each call. Nobody makes another's key, whatever they manage: whoever holds a key acts in its
 * owner's name, and one person would be two.
 *
 * @throws ForbiddenError `person_required`, or `key_makes_no_key` where the caller came with a key.
 * @throws ConflictError `user_disabled`.
 */
export async function createApiKey(
  { db, actor, now }: VerbContext,
  input: z.infer<typeof createApiKeyInput>,
): Promise<{ id: string; key: string; expiresAt: Date }> {
  if (actor.type !== "operator")
    throw new ForbiddenError("person_required", "Only a person makes a key, and only their own.");
  if (actor.apiKeyId)
    throw new ForbiddenError("key_makes_no_key", "An API key cannot make another. Sign in at the console.");
  const key = `vk_${randomSecret()}`;
  const id = uuidv7(now.getTime());
  const expiresAt = new Date(now.getTime() + input.expiresInDays * 86_400_000);
  await db.transaction(async (tx) => {
    const [owner] = await tx.select().from(users).where(eq(users.id, actor.id)).for("share");
    if (!owner || owner.disabledAt)
      throw new ConflictError("user_disabled", "This user is disabled and gets no key.");
    await tx.insert(apiKeys).values({
      id,
      userId: owner.id,
      name: input.name,
      keyHash: sha256(key),
      createdAt: now,
      expiresAt,
    });
    await appendRecord(tx, {
      kind: "api-key.created",
      actor,
      now,
      outcome: "allow",
      details: { keyId: id, name: input.name, owner: owner.email, expiresAt: expiresAt.toISOString() },
      subjects: [owner.email],
    });
  });
  return { id, key, expiresAt };
}
