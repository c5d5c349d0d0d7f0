import { issuedCertificate, type Purpose } from "../server/layers/identity/schema.ts";
import { refusalOf } from "./answer.ts";
import type { Connection } from "./connection.ts";
import { refuseForeignChain } from "./enrol.ts";
import { makeCertificateRequest } from "./make-certificate-request.ts";
import { type Credential, type Identity, makeCredential, writeCredential } from "./state.ts";
import type { Patience } from "./until-answered.ts";
import { untilServed } from "./until-served.ts";

/** Renewed after this share of its life, so that two tries a third of it apart may fail. */
const RENEW_AFTER = 2 / 3;

/** When a certificate is to be renewed. */
export function renewalDueAt(credential: Pick<Credential, "notBefore" | "notAfter">): Date {
  const { notBefore, notAfter } = credential;
  return new Date(notBefore.getTime() + (notAfter.getTime() - notBefore.getTime()) * RENEW_AFTER);
}

/**
 * Makes the next key of a purpose, has it certified over the transport certificate, checks and keeps it.
 *
 * @param connection asked for at each try: the transport certificate may be renewed meanwhile.
 *
 * @throws AgentError the code of Vigil's refusal, `wrong_certificate`, `unreachable`.
 */
export async function renewCredential(
  directory: string,
  identity: Identity,
  purpose: Purpose,
  connection: () => Connection,
  patience: Patience,
): Promise<Credential> {
  const { keyPem, csrPem } = await makeCertificateRequest(purpose);
  const answer = await untilServed(
    () =>
      connection().send({
        method: "POST",
        url: new URL(`/v1/credentials/${purpose}`, identity.gatewayUrl).href,
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ csr: csrPem }),
      }),
    patience,
  );
  if (answer.status >= 300) throw refusalOf(answer);
  const issued = issuedCertificate.parse(answer.body);
  refuseForeignChain(purpose, issued, identity.rootPem);
  const credential = makeCredential(purpose, keyPem, issued.certificatePem + issued.chainPem);
  await writeCredential(directory, credential);
  return credential;
}
