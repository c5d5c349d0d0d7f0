import { X509Certificate } from "node:crypto";
import { parseJoinToken } from "../server/kernel/join-token.ts";
import {
  type EnrolmentAnswer,
  enrolmentAnswer,
  type IssuedCertificate,
  PURPOSES,
  type Purpose,
} from "../server/layers/identity/schema.ts";
import { refusalOf } from "./answer.ts";
import { openConnection } from "./connection.ts";
import { AgentError } from "./errors.ts";
import { fetchRoot } from "./fetch-root.ts";
import { makeCertificateRequest } from "./make-certificate-request.ts";
import { isEnrolled, makeCredential, writeCredential, writeIdentity } from "./state.ts";
import { untilAnswered } from "./until-answered.ts";
import { untilServed } from "./until-served.ts";

const PATIENCE_MS = 60_000;

/**
 * Enrols this agent: makes its five keys, sends their requests with the join token, checks what comes back
 * and keeps it in `directory` (0700, its files 0600). Keys never leave the machine. The server must show
 * the root certificate that the token names, or nothing is sent to it.
 *
 * @param replace enrol anew over an earlier identity in the directory.
 * @throws AgentError `join_token_malformed`, `already_enrolled`, `wrong_root`, `wrong_certificate`,
 *   `unreachable`, or the code of Vigil's refusal.
 */
export async function enrol(order: {
  enrolUrl: string;
  joinToken: string;
  directory: string;
  replace?: boolean;
  now?: () => Date;
}): Promise<{ agent: string; did: string }> {
  const { enrolUrl, directory } = order;
  const now = order.now ?? (() => new Date());
  const token = parseJoinToken(order.joinToken.trim());
  if (!token)
    throw new AgentError("join_token_malformed", 0, "This is not a join token: it looks like vjt_….…");
  if (isEnrolled(directory) && !order.replace)
    throw new AgentError("already_enrolled", 0, `${directory} holds an enrolled agent already.`);
  const patience = { until: new Date(now().getTime() + PATIENCE_MS), now };
  const rootPem = await untilAnswered(() => fetchRoot(enrolUrl, token.rootSha256), patience);
  const made = new Map<Purpose, { keyPem: string; csrPem: string }>();
  for (const purpose of PURPOSES) made.set(purpose, await makeCertificateRequest(purpose));
  const csrs = Object.fromEntries([...made].map(([purpose, { csrPem }]) => [purpose, csrPem]));
  const answer = await postEnrolment(
    rootPem,
    enrolUrl,
    { joinToken: order.joinToken.trim(), csrs },
    patience,
  );
  const credentials = PURPOSES.map((purpose) => {
    const issued = answer.certificates[purpose];
    refuseForeignChain(purpose, issued, rootPem);
    return makeCredential(purpose, made.get(purpose)?.keyPem ?? "", issued.certificatePem + issued.chainPem);
  });
  for (const credential of credentials) await writeCredential(directory, credential);
  const { agent, did, issuer, gatewayUrl } = answer;
  await writeIdentity(directory, { agent, did, issuer, gatewayUrl, enrolUrl, rootPem });
  return { agent, did };
}

async function postEnrolment(
  rootPem: string,
  enrolUrl: string,
  body: object,
  patience: { until: Date; now: () => Date },
): Promise<EnrolmentAnswer> {
  const connection = openConnection(rootPem, null, { connections: 1, now: patience.now });
  try {
    const answer = await untilServed(
      () =>
        connection.send({
          method: "POST",
          url: new URL("/v1/enrolments", enrolUrl).href,
          headers: { "content-type": "application/json" },
          body: JSON.stringify(body),
        }),
      patience,
    );
    if (answer.status >= 300) throw refusalOf(answer);
    return enrolmentAnswer.parse(answer.body);
  } finally {
    await connection.close();
  }
}

/** A certificate is kept only if its issuer signed it and the root signed its issuer. */
export function refuseForeignChain(purpose: Purpose, issued: IssuedCertificate, rootPem: string): void {
  const leaf = new X509Certificate(issued.certificatePem);
  const issuer = new X509Certificate(issued.chainPem);
  const root = new X509Certificate(rootPem);
  if (!leaf.verify(issuer.publicKey) || !issuer.verify(root.publicKey))
    throw new AgentError("wrong_certificate", 0, `The ${purpose} certificate does not chain to the root.`);
}
