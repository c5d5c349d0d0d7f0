import type { Purpose } from "../schema.ts";
import { agentCallbackHost, agentDid, agentWebDid } from "./names.ts";

/** A DID document (W3C DID Core 1.1) with public keys only. */
export type DidDocument = {
  "@context": string[];
  id: string;
  alsoKnownAs: string[];
  controller: string;
  verificationMethod: { id: string; type: "JsonWebKey"; controller: string; publicKeyJwk: object }[];
  authentication: string[];
  assertionMethod: string[];
  keyAgreement: string[];
  service: { id: string; type: string; serviceEndpoint: string }[];
};

/** A key serves the one relationship of its purpose; callback keys serve none: they are a TLS server's. */
const RELATIONSHIPS: Record<Purpose, "authentication" | "assertionMethod" | "keyAgreement" | null> = {
  transport: "authentication",
  oauth: "authentication",
  signature: "assertionMethod",
  encryption: "keyAgreement",
  callback: null,
};

/** The document of an agent from its live keys, newest first. `id` is the did:web that resolves to it. */
export function didDocument(
  agent: { name: string; keys: readonly { purpose: Purpose; keyId: string; publicJwk: object }[] },
  enrolUrl: string,
): DidDocument {
  const id = agentWebDid(agent.name, enrolUrl);
  const related = agent.keys.filter((key) => RELATIONSHIPS[key.purpose] !== null);
  const listed = (relationship: string) =>
    related.filter((key) => RELATIONSHIPS[key.purpose] === relationship).map((key) => `${id}#${key.keyId}`);
  const answers = agent.keys.some((key) => key.purpose === "callback");
  return {
    "@context": ["https://www.w3.org/ns/did/v1.1"],
    id,
    alsoKnownAs: [agentDid(agent.name)],
    controller: id,
    verificationMethod: related.map((key) => ({
      id: `${id}#${key.keyId}`,
      type: "JsonWebKey",
      controller: id,
      publicKeyJwk: { ...key.publicJwk, kid: key.keyId },
    })),
    authentication: listed("authentication"),
    assertionMethod: listed("assertionMethod"),
    keyAgreement: listed("keyAgreement"),
    service: answers
      ? [
          {
            id: `${id}#callback`,
            type: "AgentCallback",
            serviceEndpoint: `https://${agentCallbackHost(agent.name)}/`,
          },
        ]
      : [],
  };
}
