import { describe, expect, test } from "vitest";
import { AUTHORITY_FAULTS } from "../../testing/authority-faults.ts";
import { AGENT, factsOf } from "../../testing/chain-world.ts";
import { LEAF_FAULTS } from "../../testing/leaf-faults.ts";
import { LIST_FAULTS } from "../../testing/list-faults.ts";
import { hasOpenssl, opensslVerdict } from "../../testing/openssl.ts";
import { CHAIN_CHECKS, type ChainFacts, validateChain } from "./validate-chain.ts";

const failed = (facts: ChainFacts) =>
  validateChain(facts).checks.flatMap((check) => (check.passed ? [] : [check.id]));
const openssl = hasOpenssl();

test("a chain in which everything holds is allowed, and every check says why", () => {
  const { outcome, checks, path } = validateChain(factsOf());
  expect(checks.filter((check) => !check.passed)).toEqual([]);
  expect(outcome).toBe("allow");
  expect(path).toHaveLength(3);
  expect(checks.every(({ detail }) => detail.length > 10)).toBe(true);
  expect(validateChain(factsOf({ expected: { purpose: "transport", agent: null } })).outcome).toBe("allow");
  if (openssl) expect(opensslOf(factsOf())).toMatchObject({ ok: true });
});

describe.each(Object.entries({ ...LEAF_FAULTS, ...AUTHORITY_FAULTS, ...LIST_FAULTS }))(
  "%s",
  (_name, { facts, fails, stricter }) => {
    test("is refused by the check that is for it, and by no other", () => {
      const all = factsOf(facts);
      expect(validateChain(all).outcome).toBe("deny");
      expect(validateChain(all).checks.map(({ id }) => id)).toEqual([...CHAIN_CHECKS]);
      if (fails.length > 0) expect(failed(all)).toEqual([...fails]);
      else expect(failed(all)).toEqual([...CHAIN_CHECKS]);
    });

    test.skipIf(!openssl)(
      stricter ? "passes OpenSSL, deliberately not Vigil" : "is refused by OpenSSL, too",
      () => {
        const { ok, said } = opensslOf(factsOf(facts));
        expect(ok, said).toBe(stricter !== undefined);
      },
    );
  },
);

function opensslOf({ leaf, intermediates, anchors, crls, now }: ChainFacts) {
  return opensslVerdict({
    leaf,
    intermediates,
    anchors,
    crls,
    purposes: ["sslclient", "sslserver"],
    at: now,
  });
}

test("however many authorities the judge knows, a peer sends along few", () => {
  const { intermediates, ...facts } = factsOf();
  const many = Array.from({ length: 40 }, () => intermediates).flat();
  expect(failed({ ...facts, intermediates: [], known: many })).toEqual([]);
  expect(failed({ ...facts, intermediates: many })).toEqual(["readable"]);
});

test("an agent's certificate does not serve another purpose", () => {
  for (const purpose of ["signature", "oauth", "callback", "encryption"] as const)
    expect(failed(factsOf({ expected: { purpose, agent: AGENT } }))).toContain("extended-key-usage");
});
