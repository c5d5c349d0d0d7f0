import { inflateRawSync } from "node:zlib";
import { z } from "zod";
import type { Tx } from "../../../db/client.ts";
import { networkOf } from "../../layers/monitoring/engine/network.ts";
import { type RuleDryRun, tryRecord } from "../../layers/monitoring/engine/rules/dry-run.ts";
import { type RuleFacts, sideOf } from "../../layers/monitoring/engine/rules/rule-facts.ts";
import {
  type ReportedRecord,
  type TokenFacts,
  tokensByJti,
} from "../../layers/monitoring/rule-dry-run-store.ts";
import { ruledAgents } from "../../layers/monitoring/rule-slices-store.ts";
import { NDJSON, readActions } from "../admit-action/read-actions.ts";
import { placesIn } from "./places-in.ts";

/** What of the records could not be read as it was. */
export type Unread = { payloads: number; tokens: number; places: number };
export const emptyUnread = (): Unread => ({ payloads: 0, tokens: 0, places: 0 });

/** An inflated body is no larger than the door lets in. */
const PAYLOAD_BYTES_MAX = 4 * 1024 * 1024;

const recordBody = z.object({
  request: z.object({ tokenId: z.string() }).optional(),
  details: z
    .object({
      sourceIp: z.string().optional(),
      code: z.string().optional(),
      refusedPlaces: z.string().optional(),
    })
    .default({}),
});
type Body = z.infer<typeof recordBody>;

/** Counts a batch of records for the rules that are tried; what cannot be read is counted in `unread`. */
export async function tryRecords(
  tx: Tx,
  run: RuleDryRun,
  rows: readonly ReportedRecord[],
  { peers, unread }: { peers: ReadonlyMap<string, string>; unread: Unread },
): Promise<void> {
  const read = rows.flatMap((row) => {
    const body = recordBody.safeParse(JSON.parse(row.body.toString("utf8")));
    // A request that was refused as a whole was not folded.
    return body.success && body.data.details.code === undefined && row.agentId !== null
      ? [{ row, agentId: row.agentId, body: body.data }]
      : [];
  });
  const agents = await ruledAgents(
    tx,
    read.map(({ agentId }) => agentId),
  );
  const tokens = await tokensByJti(
    tx,
    read.flatMap(({ body }) => body.request?.tokenId ?? []),
  );
  for (const { row, agentId, body } of read) {
    const agent = agents.get(agentId);
    const token = tokens.get(body.request?.tokenId ?? "");
    if (!token) unread.tokens++;
    const facts = factsOf(row, body, token, peers, unread);
    if (facts && agent) tryRecord(run, { id: row.id, agentId, agent, facts });
  }
}

function factsOf(
  row: ReportedRecord,
  body: Body,
  token: TokenFacts | undefined,
  peers: ReadonlyMap<string, string>,
  unread: Unread,
): RuleFacts[] | null {
  const actions = actionsOf(row);
  if (!actions) {
    unread.payloads++;
    return null;
  }
  const { refusedPlaces, sourceIp } = body.details;
  if (refusedPlaces === undefined && row.outcome === "partial") unread.places++;
  const refused = refusedPlaces === undefined ? null : placesIn(refusedPlaces);
  return actions.flatMap((read, index) => {
    if (!("action" in read)) return [];
    const { action } = read;
    const { peer } = action;
    return [
      {
        ...{ action: action.action, atMs: Date.parse(action.at), receivedMs: row.at.getTime() },
        ...{ endpoint: action.endpoint, transactionId: action.transactionId, bytes: action.bytes },
        ...{ dataAccessed: action.dataAccessed, subjects: action.subjects },
        peer: peer === undefined ? undefined : sideOf(peer, peers.get(peer)),
        refused: refused ? refused.has(index) : row.outcome === "deny",
        scopes: token?.scopes ?? [],
        certificate: token?.thumbprint ?? "",
        network: networkOf(sourceIp),
      },
    ];
  });
}

function actionsOf({ payload, encoding }: ReportedRecord) {
  if (!payload || payload.length === 0) return null;
  try {
    const body =
      encoding === "deflate-raw" ? inflateRawSync(payload, { maxOutputLength: PAYLOAD_BYTES_MAX }) : payload;
    // The type of the body is not kept beside it; an array begins with a bracket, a line of NDJSON with a brace.
    const isArray = body.toString("latin1", 0, 64).trimStart().startsWith("[");
    const step = readActions({ body, contentType: isArray ? "application/json" : NDJSON });
    return step.ok ? step.actions : null;
  } catch {
    return null;
  }
}
