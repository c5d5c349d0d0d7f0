import { expect, it } from "vitest";
import { documentDigest, documentTtl, factsDocument, publishedClaims } from "./facts-document.ts";
import type { AgentFacts } from "./judge-facts.ts";
import {
  claiming,
  DID,
  liveCertificates,
  minutes,
  NOW,
  wholeFacts,
  withAttestation,
} from "./testing/facts-cast.ts";

const AGENT = { did: DID, name: "a", createdAt: minutes(-1_000) };
const documentOf = (facts: AgentFacts) =>
  factsDocument(AGENT, facts, { jwksUri: "https://v/jwks", signatureOf: () => "a.b.c" });

type Entry = { authority: string; claim: string; verified_fields: string[] };
const entries = (facts: AgentFacts) => documentOf(facts).verification.signatures as unknown as Entry[];

it("has the members that the standard requires, whatever is attested", () => {
  for (const facts of [wholeFacts(), wholeFacts({ attestations: [], claims: [] })]) {
    const document = documentOf(facts);
    expect(Object.keys(document.core_identity as object).sort()).toEqual(
      ["agent_id", "created", "last_updated", "name", "ttl", "version"].sort(),
    );
    expect(document.baseline_model).toBeTypeOf("object");
    expect(document.core_identity).toMatchObject({ ttl: expect.any(Number), agent_id: DID });
  }
});

it("shows nothing that is only claimed, and nothing of what stays inside the bank", () => {
  const nothing = documentOf(
    wholeFacts({ attestations: [], identity: { ...wholeFacts().identity, keys: [] } }),
  );
  expect(nothing).toMatchObject({ baseline_model: {}, compliance_regulatory: { compliance_level: "none" } });
  expect(nothing).not.toHaveProperty("capabilities");
  expect(nothing.verification.signatures).toEqual([]);
  expect(JSON.stringify(nothing)).not.toContain('"compliance_level":"platinum"');
  const whole = documentOf(wholeFacts());
  expect(JSON.stringify(whole)).not.toContain("data_sources");
  expect(entries(wholeFacts()).map((one) => one.claim)).not.toContain("owner");
  expect(entries(wholeFacts()).map((one) => one.claim)).not.toContain("data_access");
});

it("tells the level borne out, and the claimed one only where it is that one", () => {
  const gold = withAttestation("data_access", "security-review", { expiresAt: NOW });
  expect(documentOf(gold).compliance_regulatory).toEqual({ compliance_level: "gold" });
  expect(entries(gold).map((one) => one.claim)).not.toContain("compliance_level");
  expect(documentOf(wholeFacts()).compliance_regulatory).toEqual({ compliance_level: "platinum" });
  expect(entries(wholeFacts()).filter((one) => one.claim === "compliance_level")).toHaveLength(3);
  const others = gold.claims.filter((one) => one.claim !== "compliance_level");
  const claimed = { ...gold, claims: [...others, claiming("gold")] };
  expect(documentOf(claimed).compliance_regulatory).toEqual({ compliance_level: "silver" });
  expect(entries(claimed).map((one) => one.claim)).not.toContain("compliance_level");
});

it("leaves out an attestation that does not count, and keeps the claim while another does", () => {
  const facts = withAttestation("baseline_model", "security-review", { genuine: false });
  const authorities = entries(facts).filter((one) => one.claim === "baseline_model");
  expect(authorities.map((one) => one.authority)).toEqual(["business-owner"]);
  expect(documentOf(facts).baseline_model).toEqual({ foundation_model: "orchid-9b" });
});

it("names for each attestation the members that were attested", () => {
  const identity = entries(wholeFacts()).find((one) => one.claim === "core_identity");
  expect(identity).toMatchObject({
    authority: "issuing-ca",
    verified_fields: ["agent_id", "created", "name"],
  });
});

it("may be kept for five minutes, and never past the first attestation to end", () => {
  expect(documentTtl(publishedClaims(wholeFacts()), NOW)).toBe(300);
  const soon = withAttestation("capabilities", "business-owner", {
    expiresAt: new Date(NOW.getTime() + 2_900),
  });
  expect(documentTtl(publishedClaims(soon), NOW)).toBe(2);
  expect(documentTtl([], NOW)).toBe(300);
});

it("the issuing authority's word ends with the document, not with the certificates", () => {
  const end = (facts: AgentFacts) =>
    publishedClaims(facts).find(({ stated }) => stated.claim === "core_identity")?.attested[0]?.expiresAt;
  expect(end(wholeFacts())).toEqual(minutes(5));
  const keys = liveCertificates({ notAfter: minutes(2) });
  expect(
    end(wholeFacts({ identity: { agent: { status: "active", banned: false, above: [] }, keys } })),
  ).toEqual(minutes(2));
});

it("is as new as the last thing said, attested or withdrawn", () => {
  const withdrawn = { at: minutes(-1), by: "x", reason: "x" };
  const facts = withAttestation("capabilities", "business-owner", { withdrawn });
  expect(documentOf(facts).core_identity).toMatchObject({ last_updated: minutes(-1).toISOString() });
  const bare = wholeFacts({ attestations: [], claims: [], identity: wholeFacts().identity });
  expect(
    documentOf({ ...bare, identity: { ...bare.identity, keys: liveCertificates() } }).core_identity,
  ).toMatchObject({ last_updated: AGENT.createdAt.toISOString() });
});

it("its own signature is over all of it but itself", () => {
  const document = documentOf(wholeFacts());
  const digest = documentDigest(document);
  const signed = { ...document, verification: { ...document.verification, "x-document": "a.b.c" } };
  expect(documentDigest(signed)).toBe(digest);
  expect(documentDigest({ ...signed, compliance_regulatory: { compliance_level: "gold" } })).not.toBe(digest);
  expect(documentDigest({ ...signed, verification: { ...signed.verification, signatures: [] } })).not.toBe(
    digest,
  );
});
