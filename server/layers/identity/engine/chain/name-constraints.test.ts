import { expect, test } from "vitest";
import { factsOf, root, transportLeaf, under } from "../../testing/chain-world.ts";
import { dns, ext, forgeAuthority, uri } from "../../testing/forge.ts";
import { hasOpenssl, opensslVerdict } from "../../testing/openssl.ts";
import { PROFILES } from "../profiles.ts";
import { validateChain } from "./validate-chain.ts";

type Limits = { permitted?: Buffer[]; excluded?: Buffer[]; names: Buffer[] };
const usages = [...PROFILES.transport.extendedKeyUsage];
const openssl = hasOpenssl();

/** Whether the constraints let these names pass, by Vigil and by OpenSSL. */
function passes({ permitted = [], excluded = [], names }: Limits): boolean[] {
  const authority = forgeAuthority(root, {
    subject: "Narrow authority",
    usages,
    more: [ext.nameConstraints(permitted, excluded)],
  });
  const facts = factsOf(under(transportLeaf(authority, { more: [ext.names(...names)] }), [authority, root]));
  const check = validateChain(facts).checks.find(({ id }) => id === "name-constraints");
  return [
    check?.passed ?? false,
    ...(openssl ? [opensslVerdict({ ...facts, purposes: ["sslclient"], at: facts.now }).ok] : []),
  ];
}
const both = (passed: boolean) => (openssl ? [passed, passed] : [passed]);

test.each<[string, boolean, Limits]>([
  [
    "a host is permitted by itself",
    true,
    { permitted: [uri("bank")], names: [uri("spiffe://bank/agent/a")] },
  ],
  ["a host is not below itself", false, { permitted: [uri(".bank")], names: [uri("spiffe://bank/agent/a")] }],
  ["a host below a dot is permitted", true, { permitted: [uri(".bank")], names: [uri("spiffe://a.bank/x")] }],
  [
    "a host that only ends alike is not",
    false,
    { permitted: [uri(".bank")], names: [uri("spiffe://evilbank/x")] },
  ],
  ["case does not matter", true, { permitted: [uri("BANK")], names: [uri("spiffe://bank/x")] }],
  ["one of several permits", true, { permitted: [uri("a"), uri("bank")], names: [uri("spiffe://bank/x")] }],
  [
    "exclusion wins over permission",
    false,
    { permitted: [uri("bank")], excluded: [uri("bank")], names: [uri("spiffe://bank/x")] },
  ],
  ["a URI without a host is outside", false, { permitted: [uri("bank")], names: [uri("did:bank:agent:a")] }],
  [
    "a constraint on hosts says nothing of DNS names",
    true,
    { permitted: [uri("bank")], names: [dns("a.example")] },
  ],
  [
    "a DNS tree holds its root",
    true,
    { permitted: [dns("agents.internal")], names: [dns("agents.internal")] },
  ],
  [
    "and everything below",
    true,
    { permitted: [dns("agents.internal")], names: [dns("a.b.agents.internal")] },
  ],
  [
    "and nothing that only ends alike",
    false,
    { permitted: [dns("agents.internal")], names: [dns("evilagents.internal")] },
  ],
  ["an excluded tree is closed", false, { excluded: [dns("internal")], names: [dns("a.agents.internal")] }],
  [
    "every name must pass",
    false,
    { permitted: [uri("bank")], names: [uri("spiffe://bank/x"), uri("spiffe://other/x")] },
  ],
])("%s", (_rule, passed, limits) => expect(passes(limits)).toEqual(both(passed)));
