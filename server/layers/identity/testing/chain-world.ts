import type { ChainFacts } from "../engine/chain/validate-chain.ts";
import { agentSpiffeId } from "../engine/names.ts";
import { PROFILES } from "../engine/profiles.ts";
import {
  type Ext,
  ext,
  type Forged,
  forge,
  forgeAuthority,
  forgeCrl,
  keyIdOf,
  merged,
  NOW,
  newKey,
  uri,
  type Wish,
} from "./forge.ts";

const { keyUsage, extendedKeyUsage } = PROFILES.transport;
export const AGENT = "payments-1";

export const root = forgeAuthority(null, { subject: "Test root", pathLength: 1 });
export const issuer = forgeAuthority(root, {
  subject: "Test transport authority",
  pathLength: 0,
  usages: [...extendedKeyUsage],
});

/** An agent's transport certificate as the profile says; `more` and `without` change its extensions. */
export function transportLeaf(
  by: Forged = issuer,
  wish: Partial<Wish> & { more?: Ext[]; without?: string[] } = {},
): Forged {
  const key = wish.key ?? newKey();
  const extensions = [
    ext.basicConstraints(false),
    ext.keyUsage(keyUsage),
    ext.extendedKeyUsage(...extendedKeyUsage),
    ext.names(uri(agentSpiffeId(AGENT))),
    ext.subjectKeyId(keyIdOf(key)),
    ext.authorityKeyId(keyIdOf(by.key)),
  ];
  return forge(by, {
    subject: "agent one",
    ...wish,
    key,
    extensions: wish.extensions ?? merged(extensions, wish.more, wish.without),
  });
}

export const leaf = transportLeaf();
export const rootList = forgeCrl(root);
export const issuerList = forgeCrl(issuer);

/** Facts of a chain in which everything holds, with what a test changes. */
export function factsOf(change: Partial<ChainFacts> = {}): ChainFacts {
  return {
    leaf: leaf.der,
    intermediates: [issuer.der],
    anchors: [root.der],
    crls: [rootList, issuerList],
    expected: { purpose: "transport", agent: AGENT },
    now: NOW,
    ...change,
  };
}

/** Facts for this leaf under these authorities, lowest first, the last one the anchor; each has an empty list. */
export function under(certificate: Forged, authorities: Forged[]): Partial<ChainFacts> {
  return {
    leaf: certificate.der,
    intermediates: authorities.slice(0, -1).map(({ der }) => der),
    anchors: authorities.slice(-1).map(({ der }) => der),
    crls: authorities.map((authority) => forgeCrl(authority)),
  };
}
