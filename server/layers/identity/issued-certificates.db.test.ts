import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import { crl } from "./crl.ts";
import { derOf } from "./engine/chain/pem.ts";
import { type ChainFacts, validateChain } from "./engine/chain/validate-chain.ts";
import { DOOR_PROFILE, PROFILES } from "./engine/profiles.ts";
import { loadDoorCertificate } from "./load-door-certificate.ts";
import { ISSUERS, type Issuer, PURPOSES, type Purpose } from "./schema.ts";
import { authoritiesFor } from "./store.ts";
import { createIdentityWorld, type EnrolledAgent, type IdentityWorld } from "./testing/identity-world.ts";
import { hasOpenssl, opensslText, opensslVerdict } from "./testing/openssl.ts";

const HOUR_MS = 3_600_000;
const AGENT = "issued-1";
const openssl = hasOpenssl();
let database: TestDatabase;
let world: IdentityWorld;
let agent: EnrolledAgent;
let root: Buffer;

beforeAll(async () => {
  database = await createTestDatabase();
  world = await createIdentityWorld(database);
  agent = await world.enrol(AGENT);
  [root = Buffer.alloc(0)] = derOf(agent.trustBundlePem, "CERTIFICATE");
});
afterAll(async () => {
  await world.close();
  await database.close();
});

const lists = (issuer: Issuer) =>
  vi.waitFor(async () => [await crl(database.db, "root"), await crl(database.db, issuer)]);
async function factsOf(purpose: Purpose): Promise<ChainFacts> {
  const { certificatePem, chainPem } = agent.certificates[purpose];
  const [leaf = Buffer.alloc(0)] = derOf(certificatePem, "CERTIFICATE");
  return {
    leaf,
    intermediates: derOf(chainPem, "CERTIFICATE"),
    anchors: [root],
    crls: await lists(purpose),
    expected: { purpose, agent: AGENT },
    now: new Date(),
  };
}
const verdict = ({ leaf, intermediates, anchors, crls, now }: ChainFacts, purposes: string[]) =>
  opensslVerdict({ leaf, intermediates, anchors, crls, purposes, at: now });

/** What `openssl x509 -text` says of each profile, beside the names. */
const TEXT: Record<Purpose, { keyUsage: string; extended: string; name: string }> = {
  transport: {
    keyUsage: "Digital Signature",
    extended: "TLS Web Client Authentication, TLS Web Server Authentication",
    name: `URI:spiffe://bank/agent/${AGENT}`,
  },
  signature: {
    keyUsage: "Digital Signature, Non Repudiation",
    extended: "1.3.6.1.5.5.7.3.36",
    name: `URI:did:bank:agent:${AGENT}`,
  },
  oauth: {
    keyUsage: "Digital Signature",
    extended: "TLS Web Client Authentication",
    name: `URI:did:bank:agent:${AGENT}`,
  },
  callback: {
    keyUsage: "Digital Signature",
    extended: "TLS Web Server Authentication",
    name: `DNS:${AGENT}.agents.internal`,
  },
  encryption: {
    keyUsage: "Key Agreement",
    extended: "2.25.324839618678792234318265737673018317265",
    name: `URI:did:bank:agent:${AGENT}`,
  },
};
const OPENSSL_PURPOSES: Record<Purpose, string[]> = {
  transport: ["sslclient", "sslserver"],
  signature: ["any"],
  oauth: ["sslclient"],
  callback: ["sslserver"],
  encryption: ["any"],
};
/** The line below a heading of the text. */
const below = (text: string, heading: string) => (text.split(heading)[1]?.split("\n")[1] ?? "").trim();
const lifeOf = (text: string) => {
  const at = (field: string) => Date.parse(new RegExp(`${field}\\s*: (.*)`).exec(text)?.[1] ?? "");
  return at("Not After") - at("Not Before");
};

describe.each(PURPOSES)("the %s certificate that the worker issued", (purpose) => {
  test("passes every check of the validator, and fails as any other purpose", async () => {
    const facts = await factsOf(purpose);
    expect(validateChain(facts).checks.filter((check) => !check.passed)).toEqual([]);
    for (const other of PURPOSES.filter((each) => each !== purpose))
      expect(validateChain({ ...facts, expected: { purpose: other, agent: AGENT } }).outcome).toBe("deny");
  });

  test.skipIf(!openssl)("passes openssl verify, strictly and with every revocation list", async () => {
    expect(verdict(await factsOf(purpose), OPENSSL_PURPOSES[purpose])).toMatchObject({ ok: true });
  });

  test.skipIf(!openssl)("says what the profile says, by openssl x509 -text", () => {
    const text = opensslText(agent.certificates[purpose].certificatePem);
    const { keyUsage, extended, name } = TEXT[purpose];
    expect(below(text, "X509v3 Key Usage: critical")).toBe(keyUsage);
    expect(below(text, "X509v3 Extended Key Usage:")).toBe(extended);
    expect(below(text, "X509v3 Subject Alternative Name:")).toBe(name);
    expect(below(text, "X509v3 Basic Constraints: critical")).toBe("CA:FALSE");
    expect(text).toContain("Version: 3 (0x2)");
    for (const id of ["Subject", "Authority"]) expect(text).toContain(`X509v3 ${id} Key Identifier`);
    expect(lifeOf(text)).toBe(PROFILES[purpose].lifeMs + 5 * 60_000);
  });
});

test.skipIf(!openssl)("the lives are those of the table", () => {
  const hours = Object.fromEntries(PURPOSES.map((each) => [each, PROFILES[each].lifeMs / HOUR_MS]));
  expect(hours).toEqual({ transport: 24, signature: 720, oauth: 2_160, callback: 2_160, encryption: 2_160 });
});

describe("the authorities", () => {
  test.skipIf(!openssl).each(ISSUERS)(
    "%s passes openssl verify, and certifies for its own purpose alone",
    async (issuer) => {
      const [row] = await authoritiesFor(database.db, issuer);
      const [der = Buffer.alloc(0)] = derOf(row?.certificatePem ?? "", "CERTIFICATE");
      const facts = { leaf: der, intermediates: [], anchors: [root], crls: await lists(issuer) };
      expect(opensslVerdict({ ...facts, purposes: ["any"], at: new Date() })).toMatchObject({ ok: true });
      const text = opensslText(row?.certificatePem ?? "");
      expect(below(text, "X509v3 Basic Constraints: critical")).toBe("CA:TRUE, pathlen:0");
      expect(below(text, "X509v3 Key Usage: critical")).toBe("Certificate Sign, CRL Sign");
      const extended = issuer === "server" ? "TLS Web Server Authentication" : TEXT[issuer].extended;
      expect(below(text, "X509v3 Extended Key Usage:")).toBe(extended);
    },
  );

  test.skipIf(!openssl)("the root signs itself and allows one authority below it", async () => {
    const [row] = await authoritiesFor(database.db, "root");
    const text = opensslText(row?.certificatePem ?? "");
    expect(below(text, "X509v3 Basic Constraints: critical")).toBe("CA:TRUE, pathlen:1");
    expect(below(text, "X509v3 Key Usage: critical")).toBe("Certificate Sign, CRL Sign");
  });
});

test.skipIf(!openssl)(
  "the doors' certificate passes openssl verify as a server's and as nothing else",
  async () => {
    const door = await loadDoorCertificate(database.db, world.keys("gateway"));
    const [leaf = Buffer.alloc(0), ...intermediates] = derOf(door.cert, "CERTIFICATE");
    const facts = { leaf, intermediates, anchors: [root], crls: await lists("server"), at: new Date() };
    expect(opensslVerdict({ ...facts, purposes: ["sslserver"] })).toMatchObject({ ok: true });
    expect(opensslVerdict({ ...facts, purposes: ["sslclient"] })).toMatchObject({ ok: false });
    const text = opensslText(door.cert);
    expect(below(text, "X509v3 Key Usage: critical")).toBe("Digital Signature");
    expect(below(text, "X509v3 Extended Key Usage:")).toBe("TLS Web Server Authentication");
    expect(below(text, "X509v3 Subject Alternative Name:")).toContain("DNS:localhost");
    expect(lifeOf(text)).toBe(DOOR_PROFILE.lifeMs + 5 * 60_000);
  },
);

test("an authority's list is found by its key as by its name", async () => {
  const { path } = validateChain(await factsOf("transport"));
  const keyId = path[1]?.extensions.subjectKeyId ?? "";
  expect(keyId).toMatch(/^[0-9a-f]{40}$/);
  expect((await crl(database.db, keyId)).equals(await crl(database.db, "transport"))).toBe(true);
});
