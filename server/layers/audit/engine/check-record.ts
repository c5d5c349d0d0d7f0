import { hash } from "node:crypto";

/** A record as it is stored. Nothing of it is believed; all of it may have been changed. */
export type StoredRecord = {
  id: string;
  xid: string;
  ord: number;
  kind: string;
  atMs: number;
  agentId: string | null;
  actor: string;
  outcome: string | null;
  body: Buffer;
  digest: Buffer;
};

/** What the body of a signed request says of its payload. */
export type RequestClaims = {
  count: number;
  actionsRoot: string;
  contentDigest: string;
  signatureDigest: string;
  keyId: string;
  nonce: string;
};

type Body = {
  id?: unknown;
  kind?: unknown;
  timestamp?: unknown;
  agentId?: unknown;
  outcome?: unknown;
  actor?: { name?: unknown };
  request?: RequestClaims;
};

/**
 * Whether a record is what it was: the body has its digest, and the columns that are searched say what the
 * body says.
 *
 * @param didOf DID of an agent by its id, as registered.
 * @returns what is wrong in a sentence, or null; and the claims about a signed request, where there are any.
 */
export function checkRecord(
  record: StoredRecord,
  didOf: (agentId: string) => string | undefined,
): { problem: string | null; request: RequestClaims | null } {
  if (!hash("sha256", record.body, "buffer").equals(record.digest))
    return { problem: "The record's text does not have its digest.", request: null };
  const body = parse(record.body);
  if (!body) return { problem: "The record's text is not a record.", request: null };
  const differing = (
    [
      ["id", body.id === record.id],
      ["kind", body.kind === record.kind],
      ["at", Date.parse(String(body.timestamp)) === record.atMs],
      ["actor", body.actor?.name === record.actor],
      ["outcome", (body.outcome ?? null) === record.outcome],
      ["agent", (body.agentId ?? null) === (record.agentId === null ? null : didOf(record.agentId))],
    ] as const
  ).flatMap(([column, same]) => (same ? [] : [column]));
  return {
    problem:
      differing.length > 0
        ? `The columns ${differing.join(", ")} differ from the record's text, which is whole.`
        : null,
    request: body.request ?? null,
  };
}

function parse(bytes: Buffer): Body | null {
  try {
    const body: unknown = JSON.parse(bytes.toString("utf8"));
    return typeof body === "object" && body !== null && !Array.isArray(body) ? (body as Body) : null;
  } catch {
    return null;
  }
}
