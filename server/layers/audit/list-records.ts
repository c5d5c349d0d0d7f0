import type { z } from "zod";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { canonicalJson, type Json } from "../../kernel/canonical.ts";
import { InvalidInputError } from "../../kernel/errors.ts";
import { sha256 } from "../../kernel/hash.ts";
import { recordRead } from "./record-read.ts";
import { listRecordsInput, type RecordPage, type RecordRow } from "./schema.ts";
import { findNewestCheckpoint, findRecords, type ListedRecord } from "./store.ts";

/**
 * A page of audit records, newest first, each with how far it has come. That somebody looked is recorded, once
 * in ten minutes for each person and filter.
 *
 * @throws ForbiddenError `not_permitted`. @throws InvalidInputError `cursor_invalid`.
 */
export async function listRecords(
  ctx: VerbContext,
  input: z.input<typeof listRecordsInput>,
): Promise<RecordPage> {
  requirePermission(ctx.actor, "audit.read");
  const { cursor, limit, ...filter } = listRecordsInput.parse(input);
  const before = cursor === undefined ? null : readCursor(cursor);
  const asked = JSON.parse(JSON.stringify(filter)) as Record<string, Json>;
  await recordRead(ctx, { key: readingKey(asked), details: { listed: asked } });
  const provable = (await findNewestCheckpoint(ctx.db))?.size ?? 0;
  const found = await findRecords(ctx.db, filter, before, limit + 1);
  const page = found.slice(0, limit);
  const last = page[page.length - 1];
  return {
    records: page.map((record) => rowOf(record, provable)),
    nextCursor: found.length > limit && last ? `${last.at.toISOString()}~${last.id}` : null,
  };
}

/** A stored record as the lists show it. */
export function rowOf(record: ListedRecord, provableSize: number): RecordRow {
  const { agentId, agentName, seq, digest, id, kind, at, actor, outcome } = record;
  return {
    id,
    kind,
    at,
    actor,
    outcome,
    agent: agentId === null ? null : { id: agentId, name: agentName ?? agentId },
    digest: `sha256:${digest.toString("hex")}`,
    state: seq === null ? "durable" : seq > provableSize ? "chained" : "provable",
    seq,
  };
}

/** A screen that shows "the last hour" asks anew all the time; by the day it is one reading. */
function readingKey({ from, to, ...asked }: Record<string, Json>): string {
  const byDay = { ...asked, from: String(from ?? "").slice(0, 10), to: String(to ?? "").slice(0, 10) };
  return `records:${sha256(canonicalJson(byDay)).toString("hex").slice(0, 32)}`;
}

function readCursor(cursor: string): { at: Date; id: string } {
  const [, instant = "", id = ""] = /^([0-9T:.Z-]{24})~([0-9a-f-]{36})$/.exec(cursor) ?? [];
  const at = new Date(instant);
  if (Number.isNaN(at.getTime()))
    throw new InvalidInputError("cursor_invalid", "This cursor is none of ours. Start from the first page.");
  return { at, id };
}
