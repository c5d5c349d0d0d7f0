import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { judgeRenewal } from "./engine/judge-renewal.ts";
import {
  type CredentialPage,
  credentialRow,
  type ListCredentialsInput,
  listCredentialsInput,
} from "./schema.ts";
import { type RenewalFilter, renewalPageRows } from "./store-renewals.ts";

/**
 * A page of the expiry radar: the newest credential of each agent and purpose, the first to end first, with the
 * last renewal that succeeded beside the last that failed. Retired and banned agents are not on it.
 */
export async function listCredentials(
  ctx: VerbContext,
  input: ListCredentialsInput,
): Promise<CredentialPage> {
  requirePermission(ctx.actor, "agents.read");
  const { limit, cursor, ...filter } = listCredentialsInput.parse(input);
  const { now } = ctx;
  const rows = await renewalPageRows(ctx.db, { ...filter, after: placeOf(cursor), limit: limit + 1, now });
  const page = rows.slice(0, limit);
  const last = rows.length > limit ? page.at(-1) : undefined;
  return {
    credentials: page.map((row) => credentialRow.parse({ ...row, ...judgeRenewal(row, now) })),
    nextCursor: last ? [last.endsAt.toISOString(), last.agentId, last.purpose].join("|") : null,
  };
}

function placeOf(cursor: string | undefined): RenewalFilter["after"] {
  if (!cursor) return undefined;
  const [end = "", agentId = "", purpose = ""] = cursor.split("|");
  return { endsAt: new Date(end), agentId, purpose };
}
