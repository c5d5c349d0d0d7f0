import { and, asc, eq, isNull } from "drizzle-orm";
import type { Database, Tx } from "../../../db/client.ts";
import { tokenKeys } from "../../../db/schema/index.ts";

export type TokenKeyRow = typeof tokenKeys.$inferSelect;

/** Name of a generation's sealed key. It follows from the number alone: no row can name another key for it. */
export function tokenKeyName(generation: number): string {
  return generation === 1 ? "token" : `token:${generation}`;
}

/** Every key that ever signed tokens or will, oldest first. */
export async function readTokenKeys(db: Database | Tx): Promise<TokenKeyRow[]> {
  return db.select().from(tokenKeys).orderBy(asc(tokenKeys.generation));
}

/** As `readTokenKeys`, with the rows locked. */
export async function lockTokenKeys(tx: Tx): Promise<TokenKeyRow[]> {
  return tx.select().from(tokenKeys).orderBy(asc(tokenKeys.generation)).for("update");
}

/** @returns false where another gateway published this generation first. */
export async function insertTokenKey(tx: Tx, row: typeof tokenKeys.$inferInsert): Promise<boolean> {
  const written = await tx
    .insert(tokenKeys)
    .values(row)
    .onConflictDoNothing()
    .returning({ generation: tokenKeys.generation });
  return written.length === 1;
}

/** Writes down once that a key began to sign, or is over. @returns false where another gateway did. */
export async function noteTokenKey(
  tx: Tx,
  generation: number,
  what: "activatedAt" | "retiredAt",
  now: Date,
): Promise<boolean> {
  const noted = await tx
    .update(tokenKeys)
    .set({ [what]: now })
    .where(and(eq(tokenKeys.generation, generation), isNull(tokenKeys[what]), isNull(tokenKeys.taintedAt)))
    .returning({ generation: tokenKeys.generation });
  return noted.length === 1;
}

/** @returns how many rows it changed: 0 where the key was tainted before. */
export async function changeTokenKey(
  tx: Tx,
  generation: number,
  set: Partial<Pick<TokenKeyRow, "signsFrom" | "taintedAt" | "taintedBy" | "reason">>,
): Promise<number> {
  const changed = await tx
    .update(tokenKeys)
    .set(set)
    .where(and(eq(tokenKeys.generation, generation), isNull(tokenKeys.taintedAt)))
    .returning({ generation: tokenKeys.generation });
  return changed.length;
}
