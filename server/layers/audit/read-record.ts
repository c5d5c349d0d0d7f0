import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { NotFoundError } from "../../kernel/errors.ts";
import { sha256 } from "../../kernel/hash.ts";
import { entryText } from "./engine/chain.ts";
import { actionsIn, payloadBytes } from "./engine/check-payload.ts";
import { rowOf } from "./list-records.ts";
import { proveRecord } from "./prove-record.ts";
import { recordRead } from "./record-read.ts";
import type { RecordDetail } from "./schema.ts";
import { findNewestCheckpoint, findPayload, findRecord } from "./store.ts";

const TEXT_BYTES_MAX = 64 * 1024;
const ACTIONS_MAX = 1_000;

/**
 * One record with all that proves it: its text as hashed, its entry, the proof up to a signed checkpoint, and
 * the request that the agent signed. That somebody read it is recorded.
 *
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `record_unknown`.
 */
export async function readRecord(ctx: VerbContext, { id }: { id: string }): Promise<RecordDetail> {
  requirePermission(ctx.actor, "audit.read");
  const record = await findRecord(ctx.db, id);
  if (!record) throw new NotFoundError("record_unknown", "There is no audit record of this id.", { id });
  await recordRead(ctx, { key: `record:${id}`, details: { recordId: id } });
  const { chain, body, digest } = record;
  const provable = (await findNewestCheckpoint(ctx.db))?.size ?? 0;
  return {
    ...rowOf(record, provable),
    body: bodyOf(body),
    canonical: body.toString("utf8"),
    digestMatches: sha256(body).equals(digest),
    chain: chain && {
      seq: chain.seq,
      prevHash: chain.prevHash.toString("hex"),
      hash: chain.hash.toString("hex"),
      chainedAt: chain.chainedAt,
      entryText: entryText(chain.seq, chain.prevHash, digest),
    },
    proof: chain && (await proveRecord(ctx.db, chain.seq)),
    payload: payloadOf(await findPayload(ctx.db, id)),
  };
}

function bodyOf(bytes: Buffer): Record<string, unknown> {
  try {
    return JSON.parse(bytes.toString("utf8")) as Record<string, unknown>;
  } catch {
    return {};
  }
}

function payloadOf(stored: Awaited<ReturnType<typeof findPayload>>): RecordDetail["payload"] {
  if (!stored) return null;
  const bytes = payloadBytes(stored);
  return {
    bytes: bytes?.length ?? 0,
    text: bytes?.subarray(0, TEXT_BYTES_MAX).toString("utf8") ?? "",
    truncated: (bytes?.length ?? 0) > TEXT_BYTES_MAX,
    actions: bytes && (actionsIn(bytes)?.slice(0, ACTIONS_MAX) ?? null),
    signatureBase: withoutToken(stored.signatureBase),
    signature: stored.signature.toString("base64"),
    keyId: stored.keyId,
  };
}

/** What was signed names the access token; who may read the log may not use it. */
function withoutToken(signatureBase: string): string {
  return signatureBase.replace(/^("authorization": \S+ ).*$/m, "$1…");
}
