import { and, asc, inArray, sql } from "drizzle-orm";
import type { Database, Tx } from "../../../db/client.ts";
import { authorities } from "../../../db/schema/index.ts";
import { TRUSTED } from "./engine/authority-lifecycle.ts";
import { ISSUERS } from "./schema.ts";
import { transportTrust } from "./store.ts";

/**
 * The certificates of the root and of the issuing authorities that are believed, PEM, root first. Public; whoever reads it
 * compares the root's SHA-256 with the one in its join token before trusting any of it.
 */
export async function trustBundle(db: Database | Tx): Promise<string> {
  const rows = await db
    .select({ certificatePem: authorities.certificatePem })
    .from(authorities)
    .where(and(inArray(authorities.purpose, ["root", ...ISSUERS]), inArray(authorities.status, [...TRUSTED])))
    .orderBy(sql`${authorities.purpose} <> 'root'`, asc(authorities.purpose), asc(authorities.createdAt));
  return rows.map((row) => row.certificatePem).join("");
}

/**
 * The transport authorities, each signed by itself, PEM: what a proxy that ends the agents' TLS trusts as its clients'
 * authority. With the root instead, certificates of every other purpose would pass its handshake.
 */
export async function transportAnchors(db: Database | Tx): Promise<string> {
  const { anchors } = await transportTrust(db);
  return anchors.map((anchor) => anchor.certificatePem).join("");
}
