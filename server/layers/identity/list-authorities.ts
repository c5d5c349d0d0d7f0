import { X509Certificate } from "node:crypto";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { sha256 } from "../../kernel/hash.ts";
import type { AuthorityBoard, AuthorityView } from "./authority-schema.ts";
import { authorityRows, countDependents, openAuthorityRequests } from "./authority-store.ts";
import { subjectKeyIdOf } from "./engine/build-certificate.ts";
import type { AuthorityStatus, Issuer } from "./schema.ts";
import type { AuthorityRow } from "./store.ts";

/** The root and every issuing authority there ever was, how far each has come and who depends on it. */
export async function listAuthorities(ctx: VerbContext): Promise<AuthorityBoard> {
  requirePermission(ctx.actor, "agents.read");
  const [rows, dependents, waiting] = await Promise.all([
    authorityRows(ctx.db),
    countDependents(ctx.db, ctx.now),
    openAuthorityRequests(ctx.db),
  ]);
  return {
    authorities: rows.map((row) => view(row, dependents.get(row.id) ?? 0)),
    waiting: waiting.map(({ purpose, reason, requestedAt }) => ({
      purpose: purpose as Issuer,
      reason,
      requestedAt,
    })),
  };
}

function view(row: AuthorityRow, dependents: number): AuthorityView {
  const certificate = new X509Certificate(row.certificatePem);
  const { keyName: _, certificatePem, crl: __, ...told } = row;
  return {
    ...told,
    purpose: row.purpose as AuthorityView["purpose"],
    status: row.status as AuthorityStatus,
    subject: certificate.subject,
    serial: certificate.serialNumber.toLowerCase(),
    keyId: subjectKeyIdOf(certificatePem),
    fingerprint: sha256(certificate.raw).toString("hex"),
    dependents,
  };
}
