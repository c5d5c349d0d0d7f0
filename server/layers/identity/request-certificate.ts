import type { Database, Tx } from "../../../db/client.ts";
import { notify } from "../../../db/listen.ts";
import { certificateRequests } from "../../../db/schema/index.ts";
import { uuidv7 } from "../../kernel/ids.ts";
import type { Purpose } from "./schema.ts";

/**
 * Asks the worker, which alone can sign, for a certificate: a row and a notice.
 *
 * @returns the request's id, for `awaitCertificate`.
 */
export async function requestCertificate(
  db: Database | Tx,
  request: { agentId: string; purpose: Purpose; csrPem: string; now: Date },
): Promise<string> {
  const id = uuidv7(request.now.getTime());
  await db.insert(certificateRequests).values({
    id,
    agentId: request.agentId,
    purpose: request.purpose,
    csrPem: request.csrPem,
    requestedAt: request.now,
  });
  await notify(db, "certificate-request", id);
  return id;
}
