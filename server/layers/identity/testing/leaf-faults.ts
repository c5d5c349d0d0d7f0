import { generateKeyPairSync } from "node:crypto";
import { KEY_USAGE } from "../engine/chain/key-usage.ts";
import type { ChainFacts } from "../engine/chain/validate-chain.ts";
import { agentSpiffeId } from "../engine/names.ts";
import { AGENT, issuer, leaf, transportLeaf } from "./chain-world.ts";
import { type Fault, usages } from "./fault.ts";
import { days, ext, type Forged, keyIdOf, newKey, uri } from "./forge.ts";
import { octets } from "./write-der.ts";

const CA_USAGE = KEY_USAGE.keyCertSign | KEY_USAGE.cRLSign;
const only = (certificate: Forged): Partial<ChainFacts> => ({ leaf: certificate.der });
const leafWith = (wish: Parameters<typeof transportLeaf>[1]) => only(transportLeaf(issuer, wish));
const SPIFFE = "SPIFFE X.509-SVID §2: exactly one URI SAN, and it is a SPIFFE id.";
const SERIAL = "OpenSSL reads any INTEGER as a serial; RFC 5280 §4.1.2.2 does not.";
const PROFILE = "OpenSSL asks whether the certificate can serve; the profile says what it is for, exactly.";

/** Every way in which a leaf can be wrong, by name. */
export const LEAF_FAULTS: Record<string, Fault> = {
  "a leaf for servers alone": {
    facts: leafWith({ more: [ext.extendedKeyUsage(usages[1] ?? "")] }),
    fails: ["extended-key-usage"],
  },
  "a leaf without an extended key usage": {
    facts: leafWith({ without: ["2.5.29.37"] }),
    fails: ["extended-key-usage"],
    stricter: PROFILE,
  },
  "a leaf for anything": {
    facts: leafWith({ more: [ext.extendedKeyUsage("2.5.29.37.0")] }),
    fails: ["extended-key-usage"],
  },
  "an issuer's name over another key": {
    facts: only(
      transportLeaf({ ...issuer, key: newKey() }, { more: [ext.authorityKeyId(keyIdOf(issuer.key))] }),
    ),
    fails: ["signatures"],
  },
  "a leaf that names another key of its issuer": {
    facts: leafWith({ more: [ext.authorityKeyId(Buffer.alloc(20, 7))] }),
    fails: ["key-ids"],
  },
  "a leaf that does not name its issuer's key": {
    facts: leafWith({ without: ["2.5.29.35"] }),
    fails: ["key-ids"],
  },
  "a critical subject key id": {
    facts: (() => {
      const key = newKey();
      return leafWith({ key, more: [ext.subjectKeyId(keyIdOf(key), true)] });
    })(),
    fails: ["key-ids"],
  },
  "an unknown critical extension": {
    facts: leafWith({
      more: [{ oid: "1.3.6.1.4.1.99999.1", critical: true, value: octets(Buffer.from("x")) }],
    }),
    fails: ["critical-extensions"],
  },
  "the alternative name twice": {
    facts: leafWith({ more: [ext.names(uri(agentSpiffeId(AGENT))), ext.names(uri(agentSpiffeId(AGENT)))] }),
    fails: ["critical-extensions"],
  },
  "two URIs": {
    facts: leafWith({ more: [ext.names(uri(agentSpiffeId(AGENT)), uri(agentSpiffeId("payments-2")))] }),
    fails: ["subject-alternative-name", "identity"],
    stricter: SPIFFE,
  },
  "the same URI twice": {
    facts: leafWith({ more: [ext.names(uri(agentSpiffeId(AGENT)), uri(agentSpiffeId(AGENT)))] }),
    fails: ["subject-alternative-name", "identity"],
    stricter: SPIFFE,
  },
  "no alternative name": {
    facts: leafWith({ without: ["2.5.29.17"] }),
    fails: ["subject-alternative-name", "identity"],
    stricter: SPIFFE,
  },
  "a URI that is no SPIFFE id": {
    facts: leafWith({ more: [ext.names(uri("https://bank/agent/payments-1"))] }),
    fails: ["subject-alternative-name", "identity"],
    stricter: SPIFFE,
  },
  "another trust domain": {
    facts: leafWith({ more: [ext.names(uri(`spiffe://otherbank/agent/${AGENT}`))] }),
    fails: ["subject-alternative-name", "identity"],
    stricter: SPIFFE,
  },
  "another agent": {
    facts: leafWith({ more: [ext.names(uri(agentSpiffeId("payments-2")))] }),
    fails: ["identity"],
    stricter: "OpenSSL is not told whom to expect.",
  },
  "neither a subject nor a critical alternative name": {
    facts: leafWith({ subject: "" }),
    fails: ["subject-alternative-name"],
  },
  "the serial 0": { facts: leafWith({ serial: Buffer.from([0]) }), fails: ["serial"], stricter: SERIAL },
  "a negative serial": {
    facts: leafWith({ serial: Buffer.from([0x80, 1]) }),
    fails: ["serial"],
    stricter: SERIAL,
  },
  "a serial of 21 octets": {
    facts: leafWith({ serial: Buffer.alloc(21, 0x11) }),
    fails: ["serial"],
    stricter: SERIAL,
  },
  "a leaf that is not valid yet": {
    facts: leafWith({ notBefore: days(1), notAfter: days(2) }),
    fails: ["validity"],
  },
  "a leaf that expired": {
    facts: leafWith({ notBefore: days(-2), notAfter: days(-1) }),
    fails: ["validity"],
  },
  "a leaf that ends before it begins": {
    facts: leafWith({ notBefore: days(1), notAfter: days(-1) }),
    fails: ["validity"],
  },
  "a leaf that outlives its issuer": {
    facts: leafWith({ notAfter: days(31) }),
    fails: ["within-issuer"],
    stricter: "RFC 5280 lets a leaf outlive its issuer; the credential profile does not.",
  },
  "a leaf that claims to be an authority": {
    facts: leafWith({ more: [ext.basicConstraints(true)] }),
    fails: ["basic-constraints"],
    stricter: "OpenSSL takes an authority's certificate for a client's; SPIFFE X.509-SVID §4.1 does not.",
  },
  "a leaf that signed itself": {
    facts: only(selfSigned()),
    fails: ["chain", "signatures", "crl-present", "crl-fresh", "crl-signed", "not-revoked"],
  },
  "a leaf that may sign certificates": {
    facts: leafWith({ more: [ext.keyUsage(CA_USAGE | KEY_USAGE.digitalSignature)] }),
    fails: ["key-usage"],
  },
  "a leaf for key agreement": {
    facts: leafWith({ more: [ext.keyUsage(KEY_USAGE.keyAgreement)] }),
    fails: ["key-usage"],
    stricter: PROFILE,
  },
  "a key usage that is not critical": {
    facts: leafWith({ more: [ext.keyUsage(KEY_USAGE.digitalSignature, false)] }),
    fails: ["key-usage"],
    stricter: "SPIFFE X.509-SVID §4.3: the key usage is critical.",
  },
  "a certificate of version 1": { facts: leafWith({ version: 1 }), fails: ["version"] },
  "two signature algorithms": {
    facts: leafWith({ innerAlgorithm: "1.2.840.10045.4.3.3" }),
    fails: ["signature-algorithm"],
  },
  "a signature over SHA-1": {
    facts: leafWith({ algorithm: "1.2.840.10045.4.1", hash: "sha1" }),
    fails: ["signatures", "signature-algorithm"],
  },
  "an RSA key of 1024 bits": {
    facts: leafWith({ key: generateKeyPairSync("rsa", { modulusLength: 1024 }) }),
    fails: ["key-strength"],
  },
  "a key on a curve that is not the bank's": {
    facts: leafWith({ key: generateKeyPairSync("ec", { namedCurve: "secp256k1" }) }),
    fails: ["key-strength"],
    stricter: "OpenSSL counts bits alone; Vigil's list of curves is the profile's.",
  },
  "bytes after the certificate": {
    facts: { leaf: Buffer.concat([leaf.der, Buffer.from([0])]) },
    fails: [],
    stricter: "OpenSSL's command reads the first value of a PEM block and leaves the rest.",
  },
  "a certificate cut short": { facts: { leaf: leaf.der.subarray(0, 100) }, fails: [] },
};

function selfSigned(): Forged {
  const key = newKey();
  const alone: Forged = { der: Buffer.alloc(0), key, subject: "agent one" };
  return transportLeaf(alone, { key });
}
