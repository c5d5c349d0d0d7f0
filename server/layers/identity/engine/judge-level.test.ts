import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Authority, CLAIMS, type Claim, LEVELS, type Level } from "../facts-schema.ts";
import { claimDigest } from "./claim-digest.ts";
import { authoritiesFor, REQUIREMENTS, requirementsOf } from "./facts-policy.ts";
import type { AgentFacts } from "./judge-facts.ts";
import { judgeLevel } from "./judge-level.ts";
import {
  attestation,
  claiming,
  DID,
  liveCertificates,
  minutes,
  NOW,
  person,
  stated,
  wholeFacts,
  withAttestation,
  withClaim,
} from "./testing/facts-cast.ts";

const effective = (facts: AgentFacts) => judgeLevel(facts).effective;

describe("the level shown", () => {
  it("is platinum where all that platinum wants is attested and claimed", () => {
    expect(judgeLevel(wholeFacts())).toMatchObject({ claimed: "platinum", effective: "platinum" });
  });

  it("is none for a platinum that is only claimed", () => {
    const view = judgeLevel(wholeFacts({ attestations: [] }));
    expect(view).toMatchObject({ claimed: "platinum", effective: null });
    expect(view.steps.every((step) => !step.reached)).toBe(true);
  });

  it("is never more than what is claimed, and none where nothing is", () => {
    const facts = wholeFacts();
    const others = facts.claims.filter((one) => one.claim !== "compliance_level");
    expect(effective({ ...facts, claims: [...others, claiming("silver")] })).toBe("silver");
    expect(effective({ ...facts, claims: others })).toBeNull();
  });

  it("is none where the stored claim of a level is not what was stated, or no level at all", () => {
    expect(effective(withClaim("compliance_level", { intact: false }))).toBeNull();
    expect(effective(withClaim("compliance_level", { value: { compliance_level: "diamond" } }))).toBeNull();
  });

  it("does not skip: without bronze there is no gold", () => {
    expect(effective(withAttestation("owner", "business-owner", { genuine: false }))).toBeNull();
  });

  it("falls to the level below with the last authority of the one above, and says which it was", () => {
    const view = judgeLevel(withAttestation("data_access", "security-review", { expiresAt: NOW }));
    expect(view.effective).toBe("gold");
    const failed = view.steps.find((step) => step.level === "platinum")?.checks.filter((one) => !one.passed);
    expect(failed?.map((one) => one.id)).toEqual(["data_access/security-review"]);
    expect(failed?.[0]?.detail).toMatch(/^Data access by security review: The attestation ended/);
  });

  it("goes with the agent's identity: revoked or run out, nothing is left", () => {
    expect(
      effective(
        wholeFacts({ identity: { agent: { status: "active", banned: false, above: [] }, keys: [] } }),
      ),
    ).toBeNull();
    const later = wholeFacts({ now: minutes(30) });
    expect(effective({ ...later, identity: wholeFacts().identity })).toBeNull();
  });
});

describe("the policy", () => {
  it("asks something at each level, and the same thing twice at none", () => {
    const asked = LEVELS.flatMap((level) => requirementsOf(level));
    expect(new Set(asked.map(({ claim, authority }) => `${claim}/${authority}`)).size).toBe(asked.length);
    for (const level of LEVELS) expect(requirementsOf(level).length).toBeGreaterThan(0);
  });

  it("names each claim and authority that may attest it, and those alone", () => {
    for (const claim of CLAIMS)
      for (const authority of authoritiesFor(claim))
        expect(LEVELS.some((level) => REQUIREMENTS[level][claim]?.includes(authority))).toBe(true);
    expect(authoritiesFor("core_identity")).toEqual(["issuing-ca"]);
    expect(LEVELS.flatMap((level) => Object.keys(REQUIREMENTS[level]))).toEqual(
      expect.arrayContaining([...CLAIMS]),
    );
  });
});

const pairs = CLAIMS.flatMap((claim) =>
  authoritiesFor(claim).flatMap((authority) => (authority === "issuing-ca" ? [] : [{ claim, authority }])),
);
const fault = fc.record({
  digest: fc.boolean(),
  genuine: fc.boolean(),
  withdrawn: fc.boolean(),
  from: fc.integer({ min: -30, max: 30 }),
  until: fc.integer({ min: -30, max: 30 }),
  attester: fc.constantFrom("own", "stater", "compliance", "unknown"),
  given: fc.boolean(),
});
/** Mostly right, so that the higher levels are reached too. */
const mostly = fc.oneof({ weight: 12, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fault });
const world = fc.record({
  faults: fc.array(mostly, { minLength: pairs.length, maxLength: pairs.length }),
  order: fc.shuffledSubarray(pairs, { minLength: pairs.length, maxLength: pairs.length }),
  at: fc.integer({ min: -12, max: 40 }),
  claimed: fc.constantFrom(...LEVELS),
  purposes: fc.integer({ min: 4, max: 5 }),
  owner: fc.constantFrom("business-owner", "business-owner", "business-owner", "somebody-else"),
});
type World = typeof world extends fc.Arbitrary<infer W> ? W : never;

function factsOf({ faults, order, at, claimed, purposes, owner }: World): AgentFacts {
  const claims = [
    ...wholeFacts().claims.filter((one) => one.claim !== "compliance_level"),
    claiming(claimed),
  ];
  const given = order.flatMap((pair, index) => {
    const broken = faults[index];
    if (broken && !broken.given) return [];
    const right = claims.find((one) => one.claim === pair.claim)?.digest ?? "";
    const attester =
      !broken || broken.attester === "own"
        ? person(pair.authority)
        : broken.attester === "unknown"
          ? ("unknown" as const)
          : person(broken.attester);
    return [
      attestation(pair.claim, pair.authority, {
        digest: !broken || broken.digest ? right : claimDigest(DID, pair.claim, { other: "value" }),
        attester,
        ...(broken
          ? {
              genuine: broken.genuine,
              withdrawn: broken.withdrawn ? { at: NOW, by: "x", reason: "x" } : null,
              attestedAt: minutes(broken.from),
              expiresAt: minutes(broken.until),
            }
          : {}),
      }),
    ];
  });
  return {
    ...{ claims, attestations: given, ownerId: owner, now: minutes(at) },
    identity: {
      agent: { status: "active", banned: false, above: [] },
      keys: liveCertificates().slice(0, purposes),
    },
  };
}

/** The rule said again, without the engine: whether an authority's word for a claim counts. */
function bornOut(facts: AgentFacts, claim: Claim, authority: Authority): boolean {
  const { now } = facts;
  if (authority === "issuing-ca")
    return (
      facts.identity.keys.length === 5 &&
      facts.identity.keys.every((key) => key.notBefore <= now && now < key.notAfter)
    );
  const said = facts.claims.find((one) => one.claim === claim);
  return facts.attestations.some(
    (one) =>
      one.claim === claim &&
      one.authority === authority &&
      one.digest === said?.digest &&
      one.genuine &&
      one.withdrawn === null &&
      one.attestedAt <= now &&
      now < one.expiresAt &&
      one.attester !== "unknown" &&
      one.attester.id !== "stater" &&
      (authority !== "business-owner" || one.attester.id === facts.ownerId),
  );
}

describe("whatever is stated, attested, withdrawn, forged or over", () => {
  it("no level is shown whose every required attestation does not count at that instant", () => {
    const reached = new Set<Level | null>();
    fc.assert(
      fc.property(world, (given) => {
        const facts = factsOf(given);
        const { effective: level, claimed } = judgeLevel(facts);
        reached.add(level);
        if (level === null) return;
        const below = LEVELS.slice(0, LEVELS.indexOf(level) + 1);
        expect(LEVELS.indexOf(claimed as Level)).toBeGreaterThanOrEqual(LEVELS.indexOf(level));
        for (const one of below.flatMap(requirementsOf))
          expect(bornOut(facts, one.claim, one.authority), `${level}: ${one.claim}/${one.authority}`).toBe(
            true,
          );
      }),
      { numRuns: 3_000, seed: 7 },
    );
    expect([...reached].sort()).toEqual([...LEVELS, null].sort());
  });

  it("nobody carries a level as two authorities for one claim", () => {
    fc.assert(
      fc.property(world, (given) => {
        const facts = factsOf(given);
        const { effective: level } = judgeLevel(facts);
        if (level === null) return;
        const needed = LEVELS.slice(0, LEVELS.indexOf(level) + 1).flatMap(requirementsOf);
        for (const claim of CLAIMS) {
          const people = needed
            .filter((one) => one.claim === claim && one.authority !== "issuing-ca")
            .map((one) => facts.attestations.find((a) => a.claim === claim && a.authority === one.authority))
            .map((one) => (one?.attester === "unknown" ? "unknown" : one?.attester.id));
          expect(new Set(people).size).toBe(people.length);
        }
      }),
      { numRuns: 2_000, seed: 11 },
    );
  });

  it("taking an attestation away never raises the level", () => {
    const rank = (level: Level | null) => (level === null ? -1 : LEVELS.indexOf(level));
    fc.assert(
      fc.property(world, fc.nat(), (given, pick) => {
        const facts = factsOf({ ...given, faults: given.faults.map(() => null) });
        const gone = pick % Math.max(1, facts.attestations.length);
        const less = { ...facts, attestations: facts.attestations.filter((_one, index) => index !== gone) };
        expect(rank(effective(less))).toBeLessThanOrEqual(rank(effective(facts)));
      }),
      { numRuns: 500, seed: 13 },
    );
  });
});

it("the digest is of whose claim it is, which, and what: none may be exchanged", () => {
  const { digest } = stated("capabilities");
  expect(claimDigest("did:bank:agent:b", "capabilities", { domain_expertise: ["fraud"] })).not.toBe(digest);
  expect(claimDigest(DID, "data_access", { domain_expertise: ["fraud"] })).not.toBe(digest);
  expect(claimDigest(DID, "capabilities", { domain_expertise: ["fraud", "x"] })).not.toBe(digest);
  expect(claimDigest(DID, "data_access", { b: 1, a: 2 })).toBe(
    claimDigest(DID, "data_access", { a: 2, b: 1 }),
  );
});
