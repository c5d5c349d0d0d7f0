import { desc } from "drizzle-orm";
import type { Database, Tx } from "../../../db/client.ts";
import { ruleSets } from "../../../db/schema/index.ts";
import { BUILT_IN_RULES } from "./engine/rules/built-in-rules.ts";
import { type CompiledRules, compileRules } from "./engine/rules/compile-rules.ts";
import { type RuleSet, ruleSet } from "./rules-schema.ts";
import { installationTimeZone } from "./window-store.ts";

/** What the set-up writes as version 1, and what counts until it has. */
export const FIRST_RULES: RuleSet = { version: 1, rules: [...BUILT_IN_RULES] };

/** The version of the rules that counts now. */
export async function currentRules(db: Database | Tx): Promise<RuleSet> {
  const [row] = await db
    .select({ document: ruleSets.document })
    .from(ruleSets)
    .orderBy(desc(ruleSets.version))
    .limit(1);
  return row ? ruleSet.parse(row.document) : FIRST_RULES;
}

/** What was compiled last, and of what. A caller keeps one. */
export type RulesMemory = { known: { version: number; timeZone: string; rules: CompiledRules } | null };

/** The rules that count now, ready to be used; compiled again only when the version or the bank's zone is another. */
export async function compiledRules(db: Database | Tx, memory: RulesMemory): Promise<CompiledRules> {
  const timeZone = await installationTimeZone(db);
  const [row] = await db
    .select({ version: ruleSets.version })
    .from(ruleSets)
    .orderBy(desc(ruleSets.version))
    .limit(1);
  const version = row?.version ?? FIRST_RULES.version;
  const { known } = memory;
  if (known?.version === version && known.timeZone === timeZone) return known.rules;
  const set = await currentRules(db);
  const rules = compileRules(set, timeZone);
  memory.known = { version: set.version, timeZone, rules };
  return rules;
}
