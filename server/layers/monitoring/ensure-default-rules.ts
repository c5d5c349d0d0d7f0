import type { Database } from "../../../db/client.ts";
import { ruleSets } from "../../../db/schema/index.ts";
import { appendRecord } from "../audit/append.ts";
import { FIRST_RULES } from "./current-rules.ts";
import { ruleSetDigest } from "./engine/rules/rule-digest.ts";

/** Writes version 1 of the detection rules where none is yet; called at every start. */
export async function ensureDefaultRules(db: Database, now: Date): Promise<void> {
  await db.transaction(async (tx) => {
    const written = await tx
      .insert(ruleSets)
      .values({ version: 1, document: FIRST_RULES, createdBy: "set-up", createdAt: now })
      .onConflictDoNothing()
      .returning({ version: ruleSets.version });
    if (written.length === 0) return;
    await appendRecord(tx, {
      kind: "rules.created",
      actor: { type: "system", id: "set-up" },
      now,
      details: { version: 1, digest: ruleSetDigest(FIRST_RULES), rules: FIRST_RULES.rules.length },
    });
  });
}
