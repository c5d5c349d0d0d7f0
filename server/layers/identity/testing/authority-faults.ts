import { KEY_USAGE } from "../engine/chain/key-usage.ts";
import type { ChainFacts } from "../engine/chain/validate-chain.ts";
import { agentSpiffeId } from "../engine/names.ts";
import { AGENT, issuer, root, transportLeaf, under } from "./chain-world.ts";
import { type Fault, issuerWith, usages } from "./fault.ts";
import { days, dns, ext, forgeAuthority, uri } from "./forge.ts";
import { octets, tlv } from "./write-der.ts";

const constrained = (permitted: Buffer[], excluded: Buffer[] = [], names = [uri(agentSpiffeId(AGENT))]) => {
  const authority = forgeAuthority(root, {
    subject: "Narrow authority",
    pathLength: 0,
    usages,
    more: [ext.nameConstraints(permitted, excluded)],
  });
  return under(transportLeaf(authority, { more: [ext.names(...names)] }), [authority, root]);
};
const tooDeep = (): Partial<ChainFacts> => {
  const top = forgeAuthority(null, { subject: "Short root", pathLength: 0 });
  const between = forgeAuthority(top, { subject: "Middle" });
  const lowest = forgeAuthority(between, { subject: "Lowest", usages });
  return under(transportLeaf(lowest), [lowest, between, top]);
};

/** Every way in which what is above the leaf can be wrong, by name. */
export const AUTHORITY_FAULTS: Record<string, Fault> = {
  "more authorities than the path length allows": { facts: tooDeep(), fails: ["path-length"] },
  "a name outside the permitted URI hosts": {
    facts: constrained([uri("otherbank")]),
    fails: ["name-constraints"],
  },
  "a name inside the excluded URI hosts": {
    facts: constrained([], [uri("bank")]),
    fails: ["name-constraints"],
  },
  "a DNS name outside the permitted tree": {
    facts: constrained([dns("agents.internal")], [], [uri(agentSpiffeId(AGENT)), dns("a.evil.example")]),
    fails: ["name-constraints", "subject-alternative-name", "identity"],
  },
  "constraints on a kind of name that is not understood": {
    facts: constrained([tlv(0x87, Buffer.from("0a000000ff000000", "hex"))]),
    fails: ["name-constraints"],
    stricter:
      "RFC 5280 §4.2.1.10: a constraint that cannot be processed refuses; OpenSSL processes addresses.",
  },
  "an issuer that may certify clients alone": {
    facts: issuerWith({ usages: [usages[0] ?? ""] }),
    fails: ["extended-key-usage"],
  },
  "an expired intermediate": {
    facts: issuerWith({ notBefore: days(-30), notAfter: days(-1) }),
    fails: ["validity", "within-issuer"],
  },
  "an anchor that expired": {
    facts: (() => {
      const old = forgeAuthority(null, { subject: "Old root", notBefore: days(-90), notAfter: days(-60) });
      const lower = forgeAuthority(old, { subject: "Below", usages });
      return under(transportLeaf(lower), [lower, old]);
    })(),
    fails: ["validity", "within-issuer"],
  },
  "an unknown critical extension in an issuer": {
    facts: issuerWith({
      more: [{ oid: "1.3.6.1.4.1.99999.1", critical: true, value: octets(Buffer.from("x")) }],
    }),
    fails: ["critical-extensions"],
  },
  "an issuer without basic constraints": {
    facts: issuerWith({ without: ["2.5.29.19"] }),
    fails: ["basic-constraints"],
  },
  "an issuer that says CA:FALSE": {
    facts: issuerWith({ more: [ext.basicConstraints(false)] }),
    fails: ["basic-constraints"],
  },
  "an issuer whose basic constraints are not critical": {
    facts: issuerWith({ more: [ext.basicConstraints(true, 0, false)] }),
    fails: ["basic-constraints"],
  },
  "an issuer that may not sign certificates": {
    facts: issuerWith({ more: [ext.basicConstraints(true), ext.keyUsage(KEY_USAGE.cRLSign)] }),
    fails: ["basic-constraints"],
  },
  "an agent that signs for another": {
    facts: (() => {
      const signer = transportLeaf();
      return { ...under(transportLeaf(signer), [signer, issuer, root]) };
    })(),
    fails: ["basic-constraints", "path-length", "crl-signed"],
  },
  "a chain to a foreign root": {
    facts: (() => {
      const foreign = forgeAuthority(null, { subject: "Foreign root" });
      const lower = forgeAuthority(foreign, { subject: "Foreign authority", usages });
      return { ...under(transportLeaf(lower), [lower, foreign]), anchors: [root.der] };
    })(),
    fails: ["chain", "signatures", "crl-present", "crl-fresh", "crl-signed", "not-revoked"],
  },
};
