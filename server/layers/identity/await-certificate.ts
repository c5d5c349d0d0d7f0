import { setTimeout as wait } from "node:timers/promises";
import type { Database } from "../../../db/client.ts";
import { ForbiddenError, UnavailableError } from "../../kernel/errors.ts";
import { readIssuedCertificate } from "./read-issued-certificate.ts";
import type { IssuedCertificate } from "./schema.ts";
import { requestById } from "./store.ts";

/** The worker answers in about 20 ms; past 5 s it is away. */
const PAUSES_MS = [5, 10, 15, 20, 25, 50, 75, ...Array<number>(48).fill(100)];

/**
 * Waits for the worker's answer to a certificate request.
 *
 * @throws ForbiddenError with the worker's code where the request was refused.
 * @throws UnavailableError `certificate_pending` where no answer came in 5 s.
 */
export async function awaitCertificate(
  db: Database,
  requestId: string,
): Promise<IssuedCertificate & { credentialId: string }> {
  for (const pauseMs of PAUSES_MS) {
    await wait(pauseMs);
    const answer = await requestById(db, requestId);
    if (answer?.credentialId)
      return {
        credentialId: answer.credentialId,
        ...(await readIssuedCertificate(db, answer.credentialId)),
      };
    if (answer?.answeredAt)
      throw new ForbiddenError(
        answer.errorCode ?? "certificate_refused",
        answer.errorDetail ?? "The certificate was refused.",
      );
  }
  throw new UnavailableError(
    "certificate_pending",
    "The worker that signs certificates did not answer in 5 s. Try again.",
  );
}
