import type { Tx } from "../../../db/client.ts";
import { notify } from "../../../db/listen.ts";
import { emptySlice, mergeSlices, type Slice } from "./engine/slice.ts";
import { nextDeltas, passDeltas, slicesAt, writeSlices } from "./window-store.ts";

/**
 * Folds the next deltas into the stored slices, once each, in the caller's transaction: slices, cursor and removal
 * commit together or not at all. The caller holds the lease: two folds at once would overwrite each other's slices.
 *
 * @returns how many were folded, and how many of them could not be read.
 */
export async function foldDeltas(tx: Tx, limit: number): Promise<{ folded: number; unreadable: number }> {
  const deltas = await nextDeltas(tx, limit);
  const last = deltas[deltas.length - 1];
  if (!last) return { folded: 0, unreadable: 0 };
  const merged = new Map<string, { agentId: string; sliceMs: number; state: Slice }>();
  let unreadable = 0;
  for (const { agentId, sliceMs, delta } of deltas) {
    if (!isSlice(delta)) {
      unreadable += 1;
      continue;
    }
    const key = `${agentId}/${sliceMs}`;
    const before = merged.get(key)?.state ?? emptySlice();
    merged.set(key, { agentId, sliceMs, state: mergeSlices(before, { ...emptySlice(), ...delta }) });
  }
  const keys = [...merged.values()].map(({ agentId, sliceMs }) => ({ agentId, sliceMs }));
  for (const stored of await slicesAt(tx, keys)) {
    const row = merged.get(`${stored.agentId}/${stored.sliceMs}`);
    if (row) row.state = mergeSlices(stored.state, row.state);
  }
  if (merged.size > 0) await writeSlices(tx, [...merged.values()]);
  await passDeltas(tx, last);
  await notify(tx, "window");
  return { folded: deltas.length, unreadable };
}

/** A row that is no slice is passed over and counted: one bad row must not stop the scoring of everybody. */
function isSlice(delta: unknown): delta is Slice {
  const slice = delta as Partial<Slice> | null;
  return (
    typeof slice === "object" &&
    slice !== null &&
    slice.v === 1 &&
    Number.isFinite(slice.calls) &&
    Array.isArray(slice.endpoints)
  );
}
