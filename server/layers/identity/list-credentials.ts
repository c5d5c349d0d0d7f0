import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import {
  type CredentialPage,
  credentialRow,
  type ListCredentialsInput,
  listCredentialsInput,
} from "./schema.ts";
import { newestCredentialRows } from "./store-lists.ts";

/** A page of the expiry board: the newest live credential of each agent and purpose, first to end first. */
export async function listCredentials(
  ctx: VerbContext,
  input: ListCredentialsInput,
): Promise<CredentialPage> {
  requirePermission(ctx.actor, "agents.read");
  const { limit, cursor, purpose } = listCredentialsInput.parse(input);
  const [end = "", id = ""] = cursor?.split("|") ?? [];
  const after = cursor ? { notAfter: new Date(end), id } : undefined;
  const { rows, total } = await newestCredentialRows(ctx.db, {
    purpose,
    after,
    limit: limit + 1,
    now: ctx.now,
  });
  const credentials = rows.slice(0, limit).map((row) => credentialRow.parse(row));
  const last = rows.length > limit ? credentials.at(-1) : undefined;
  return { credentials, nextCursor: last ? `${last.notAfter.toISOString()}|${last.id}` : null, total };
}
