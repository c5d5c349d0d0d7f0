import { z } from "zod";

export const rotateTokenKeyInput = z.object({
  /** The key that signs now, as the operator saw it. */
  keyId: z.string().min(1).max(64),
  /** Whether the key that signs is doubted alone, or every key that is kept beside it, too. */
  doubt: z.enum(["signing-key", "all-keys"]),
  reason: z.string().trim().min(10).max(500),
});
export type RotateTokenKeyInput = z.input<typeof rotateTokenKeyInput>;

export const rotatedTokenKey = z.object({
  /** Key ids whose tokens count for nothing from now on. */
  tainted: z.array(z.string()),
  /** The key that signs now; null where a gateway makes a new one first. */
  signs: z.string().nullable(),
});

export const tokenKeyView = z.object({
  generation: z.number().int(),
  keyId: z.string(),
  publicJwk: z.record(z.string(), z.unknown()),
  phase: z.enum(["standby", "signing", "retiring", "retired", "tainted"]),
  publishedAt: z.date(),
  signsFrom: z.date(),
  /** When what it signed counts for nothing; null while nobody follows it. */
  endsAt: z.date().nullable(),
  taintedAt: z.date().nullable(),
  reason: z.string().nullable(),
});
export type TokenKeyView = z.infer<typeof tokenKeyView>;
