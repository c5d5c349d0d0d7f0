import { inArray, sql } from "drizzle-orm";
import type { Database, Tx } from "../../../db/client.ts";
import { agents } from "../../../db/schema/index.ts";
import type { StepCells } from "./engine/rules/cells.ts";
import type { RuleAgent } from "./engine/rules/rule-facts.ts";

type Source = Database | Tx;
export type UnruledSlice = { agentId: string; sliceMs: number; revision: number; keys: string[] };
export type StepSpan = { agentId: string; key: string; fromMs: number; toMs: number };
export type StepRow = { agentId: string; key: string; sliceMs: number; cells: StepCells };

/** Slices in which rules counted something that they have not seen yet, the oldest first. */
export async function unruledSlices(db: Source, limit: number): Promise<UnruledSlice[]> {
  const { rows } = await db.execute<UnruledSlice>(sql`
    select agent_id as "agentId", (extract(epoch from slice_at) * 1000)::bigint as "sliceMs", revision,
      array(select jsonb_object_keys(state -> 'rules')) as keys
    from window_slices where revision > ruled_revision and state ? 'rules' order by slice_at limit ${limit}`);
  return rows.map((row) => ({ ...row, sliceMs: Number(row.sliceMs) }));
}

/** Cells of one step each between two slices, both included; slices where the step counted nothing are left out. */
export async function stepCells(db: Source, spans: readonly StepSpan[]): Promise<StepRow[]> {
  if (spans.length === 0) return [];
  const { rows } = await db.execute<StepRow>(sql`
    select k."agentId", k.key, (extract(epoch from s.slice_at) * 1000)::bigint as "sliceMs",
      s.state -> 'rules' -> k.key as cells
    from jsonb_to_recordset(${JSON.stringify(spans)}::jsonb)
      as k("agentId" uuid, key text, "fromMs" bigint, "toMs" bigint)
    join window_slices s on s.agent_id = k."agentId"
      and s.slice_at between to_timestamp(k."fromMs" / 1000.0) and to_timestamp(k."toMs" / 1000.0)
    where s.state -> 'rules' ? k.key`);
  return rows.map((row) => ({ ...row, sliceMs: Number(row.sliceMs) }));
}

/** Marks slices as seen at the revision that was read; one that has grown since is seen again. */
export async function markRuled(tx: Tx, slices: readonly UnruledSlice[]): Promise<void> {
  const rows = slices.map(({ agentId, sliceMs, revision }) => ({ agentId, sliceMs, revision }));
  await tx.execute(sql`
    update window_slices s set ruled_revision = k.revision
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as k("agentId" uuid, "sliceMs" bigint, revision int)
    where s.agent_id = k."agentId" and s.slice_at = to_timestamp(k."sliceMs" / 1000.0)`);
}

export type RuledAgent = RuleAgent & { id: string };

/** What the rules know of the given agents. */
export async function ruledAgents(db: Source, ids: readonly string[]): Promise<Map<string, RuledAgent>> {
  if (ids.length === 0) return new Map();
  const { id, name, kind, zone, criticality } = agents;
  const rows = await db
    .select({ id, name, kind, zone, criticality })
    .from(agents)
    .where(inArray(agents.id, [...new Set(ids)]));
  return new Map(rows.map((row) => [row.id, row]));
}
