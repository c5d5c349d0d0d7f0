import { eq } from "drizzle-orm";
import { z } from "zod";
import { apiKeys, users } from "../../db/schema/index.ts";
import { ConflictError, ForbiddenError, NotFoundError } from "../kernel/errors.ts";
import { sha256 } from "../kernel/hash.ts";
import { randomSecret, uuidv7 } from "../kernel/ids.ts";
import { appendRecord } from "../layers/audit/append.ts";
import { requirePermission } from "./permissions.ts";
import type { VerbContext } from "./verb-context.ts";

const DAYS_MAX = 365;

export const createApiKeyInput = z.object({
  name: z.string().trim().min(1).max(80),
  /** Whose key it is; one's own where left out. */
  userId: z.string().max(64).optional(),
  expiresInDays: z.number().int().min(1).max(DAYS_MAX).default(90),
});

/**
 * Makes an API key: one's own, or another's for those who manage users. The key is in the answer and nowhere
 * else; what it may do are the roles its owner has at each call.
 *
 * @throws ForbiddenError `key_makes_no_key` where the caller came with a key; NotFoundError `user_unknown`.
 */
export async function createApiKey(
  { db, actor, now }: VerbContext,
  input: z.infer<typeof createApiKeyInput>,
): Promise<{ id: string; key: string; expiresAt: Date }> {
  const self = actor.type === "operator" ? actor.id : null;
  const userId = input.userId ?? self;
  if (userId !== self) requirePermission(actor, "users.manage");
  if (actor.type === "operator" && actor.apiKeyId)
    throw new ForbiddenError("key_makes_no_key", "An API key cannot make another. Sign in at the console.");
  const key = `vk_${randomSecret()}`;
  const id = uuidv7(now.getTime());
  const expiresAt = new Date(now.getTime() + input.expiresInDays * 86_400_000);
  await db.transaction(async (tx) => {
    const [owner] = await tx
      .select()
      .from(users)
      .where(eq(users.id, userId ?? ""));
    if (!owner) throw new NotFoundError("user_unknown", "There is no such user.");
    if (owner.disabledAt) throw new ConflictError("user_disabled", "This user is disabled and gets no key.");
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
