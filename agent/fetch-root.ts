import { X509Certificate } from "node:crypto";
import { Agent, request } from "undici";
import { sha256 } from "../server/kernel/hash.ts";
import { AgentError } from "./errors.ts";

const BUNDLE_BYTES_MAX = 256 * 1024;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/**
 * Fetches the trust bundle over a connection that proves nothing yet, and keeps of it the one certificate
 * whose SHA-256 the join token carries. Nothing else is sent or believed on that connection.
 *
 * @returns the root's PEM: from here on the only authority.
 * @throws AgentError `wrong_root` where the server has no such root.
 */
export async function fetchRoot(enrolUrl: string, rootSha256: Buffer): Promise<string> {
  const dispatcher = new Agent({
    maxResponseSize: BUNDLE_BYTES_MAX,
    connect: { rejectUnauthorized: false, minVersion: "TLSv1.3" },
  });
  try {
    const answer = await request(new URL("/v1/trust-bundle", enrolUrl), { dispatcher });
    const text = await answer.body.text();
    for (const pem of text.match(CERTIFICATE) ?? []) {
      const certificate = new X509Certificate(pem);
      if (sha256(certificate.raw).equals(rootSha256) && certificate.ca) return `${pem}\n`;
    }
  } finally {
    await dispatcher.close();
  }
  throw new AgentError(
    "wrong_root",
    0,
    `The server at ${enrolUrl} is not the Vigil that made this join token: it does not show the root certificate the token names.`,
  );
}
