import type { CHAIN_CHECKS, ChainFacts } from "../engine/chain/validate-chain.ts";
import { PROFILES } from "../engine/profiles.ts";
import { root, transportLeaf, under } from "./chain-world.ts";
import { type Forged, forgeAuthority } from "./forge.ts";

/** One fault, the checks that must name it (and no other may fail), and whether OpenSSL refuses it, too. */
export type Fault = {
  facts: Partial<ChainFacts>;
  fails: (typeof CHAIN_CHECKS)[number][];
  /** Why OpenSSL lets it pass and Vigil does not; absent where both refuse. */
  stricter?: string;
};

export const usages = [...PROFILES.transport.extendedKeyUsage];

/** A chain over an issuing authority with this fault; everything else of it is as it must be. */
export const issuerWith = (wish: Parameters<typeof forgeAuthority>[1]) => {
  const authority = forgeAuthority(root, { subject: "Other authority", pathLength: 0, usages, ...wish });
  return under(transportLeaf(authority), [authority, root]);
};

/** Octets of a forged certificate's serial, as a list names it. */
export const serialOf = (certificate: Forged) => {
  const start = certificate.der.indexOf(Buffer.from([0xa0, 0x03, 0x02, 0x01, 0x02, 0x02])) + 6;
  return certificate.der.subarray(start + 1, start + 1 + certificate.der.readUInt8(start));
};
