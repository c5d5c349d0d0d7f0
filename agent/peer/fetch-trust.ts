import { X509Certificate } from "node:crypto";
import { Agent, request } from "undici";
import { derOf } from "../../server/layers/identity/engine/chain/pem.ts";
import { readCertificate } from "../../server/layers/identity/engine/chain/read-certificate.ts";
import { CRL_BYTES_MAX } from "../../server/layers/identity/engine/chain/read-crl.ts";
import { PROFILES } from "../../server/layers/identity/engine/profiles.ts";
import type { Purpose } from "../../server/layers/identity/schema.ts";
import { AgentError } from "../errors.ts";
import type { Identity } from "../state.ts";

const ANSWER_MS_MAX = 5_000;

/** What peers are judged against: the root that the join token pinned, its authorities, and their revocation lists. */
export type TrustFacts = { anchors: Buffer[]; intermediates: Buffer[]; crls: Buffer[] };

/**
 * Fetches the trust bundle and the revocation lists of the root and of every authority for this purpose, from the
 * public door, over a connection that the root vouches for.
 *
 * @throws AgentError `trust_unavailable` where Vigil answers with anything but them; an `Error` where it is away.
 */
export async function fetchTrust(identity: Identity, purpose: Purpose): Promise<TrustFacts> {
  const dispatcher = new Agent({
    connections: 2,
    headersTimeout: ANSWER_MS_MAX,
    bodyTimeout: ANSWER_MS_MAX,
    maxResponseSize: CRL_BYTES_MAX,
    connect: { ca: identity.rootPem, minVersion: "TLSv1.3", timeout: ANSWER_MS_MAX },
  });
  const get = async (path: string): Promise<Buffer> => {
    const answer = await request(new URL(path, identity.enrolUrl), { dispatcher });
    const body = Buffer.from(await answer.body.arrayBuffer());
    if (answer.statusCode !== 200)
      throw new AgentError(
        "trust_unavailable",
        answer.statusCode,
        `Vigil answered ${answer.statusCode} to ${path}.`,
      );
    return body;
  };
  try {
    const bundle = derOf((await get("/v1/trust-bundle")).toString("latin1"), "CERTIFICATE");
    const anchor = new X509Certificate(identity.rootPem).raw;
    const authorities = bundle.filter((der) => !der.equals(anchor));
    const keyIds = authorities.flatMap((der) => keyIdFor(der, purpose));
    const crls = await Promise.all(["root", ...keyIds].map((of) => get(`/v1/crl/${of}.crl`)));
    return { anchors: [anchor], intermediates: authorities, crls };
  } finally {
    await dispatcher.destroy();
  }
}

/** The key id of an authority that certifies for exactly this purpose. */
function keyIdFor(der: Buffer, purpose: Purpose): string[] {
  const certificate = readCertificate(der);
  if (typeof certificate === "string") return [];
  const { extendedKeyUsage, subjectKeyId } = certificate.extensions;
  const wanted = PROFILES[purpose].extendedKeyUsage;
  const same =
    extendedKeyUsage?.length === wanted.length && wanted.every((oid) => extendedKeyUsage.includes(oid));
  return same && subjectKeyId ? [subjectKeyId] : [];
}
