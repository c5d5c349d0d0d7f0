import { generateKeyPairSync } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import { keyThumbprint } from "../../kernel/key-thumbprint.ts";
import type { HeldKey } from "../../keys/key-store.ts";
import { signAttestation } from "./attestation-jws.ts";
import { claimDigest } from "./engine/claim-digest.ts";
import { createFactsBank, enrolStated, type FactsBank } from "./testing/facts-bank.ts";
import { createIdentityWorld, type IdentityWorld } from "./testing/identity-world.ts";

let database: TestDatabase;
let world: IdentityWorld;
let bank: FactsBank;
beforeAll(async () => {
  database = await createTestDatabase();
  world = await createIdentityWorld(database);
  bank = await createFactsBank(database, world);
});
afterAll(async () => {
  await world.close();
  await database.close();
});

const enrol = (name: string) => enrolStated(bank, world, name);

/** What somebody does who owns the database, and has switched off what guards the tables. */
const asOwner = (statement: string, values: unknown[] = []) =>
  database.asSuper(async (client) => {
    await client.query("set session_replication_role = replica");
    const { rowCount } = await client.query(statement, values);
    expect(rowCount, statement).toBeGreaterThan(0);
  });
const standing = async (name: string, now?: Date) =>
  (await bank.standing(name, "data_access", "compliance", now)).standing;

describe("a row changed by the database's owner", () => {
  test.each([
    ["an end put off", "expires_at = expires_at + interval '1 year'"],
    ["an end brought near", "expires_at = expires_at - interval '1 day'"],
    ["another beginning", "attested_at = attested_at - interval '1 year'"],
    ["another person", "attested_by = 'somebody'"],
    ["another authority", "authority = 'security-review'"],
    ["another digest", `digest = 'sha256:${"0".repeat(64)}'`],
    ["a signature of nothing", "jws = 'a.b.c'"],
    ["letters of the signed text", "jws = translate(jws, 'Ae', 'eA')"],
  ])("is not believed: %s", async (what, change) => {
    const name = `changed-${what.replace(/[^a-z]/g, "-")}`;
    const { agentId } = await bank.register(name);
    await bank.attest(name, "data_access", "compliance");
    expect(await standing(name)).toBe("attested");
    await asOwner(`update attestations set ${change} where agent_id = $1`, [agentId]);
    const { authorities } = await bank.claimOf(name, "data_access");
    expect(authorities.map((one) => one.standing)).not.toContain("attested");
  });

  test("a later end of the row does not put the signed one off", async () => {
    const { agentId } = await bank.register("changed-end");
    const { expiresAt } = await bank.attest("changed-end", "data_access", "compliance", { days: 1 });
    await asOwner("update attestations set expires_at = '2100-01-01' where agent_id = $1", [agentId]);
    expect(await standing("changed-end", expiresAt)).toBe("invalid");
  });

  test("the value under an attestation, with its digest or without", async () => {
    const { agentId, did } = await bank.register("changed-value");
    await bank.attest("changed-value", "data_access", "compliance");
    const value = { classification: "public", personal_data: false, data_sources: ["nothing"] };
    const where = "where agent_id = $2 and claim = 'data_access'";
    await asOwner(`update agent_claims set value = $1 ${where}`, [JSON.stringify(value), agentId]);
    expect(await standing("changed-value")).toBe("invalid");
    const digest = claimDigest(did, "data_access", value);
    await asOwner(`update agent_claims set digest = $1 ${where}`, [digest, agentId]);
    expect(await standing("changed-value")).toBe("other-value");
    await asOwner("update attestations set digest = $1 where agent_id = $2", [digest, agentId]);
    expect(await standing("changed-value")).toBe("invalid");
  });

  test("an attestation carried over from another agent, whole", async () => {
    const from = await bank.register("carried-from");
    const to = await bank.register("carried-to");
    await bank.attest("carried-from", "data_access", "compliance");
    const { digest } = await bank.claimOf("carried-to", "data_access");
    await asOwner("update attestations set agent_id = $1, digest = $2 where agent_id = $3", [
      ...[to.agentId, digest, from.agentId],
    ]);
    expect(await standing("carried-to")).toBe("invalid");
  });
});

describe("a key of the database owner's", () => {
  const pair = generateKeyPairSync("ed25519");
  const keyId = keyThumbprint(pair.publicKey);
  const forge = async (name: string) => {
    const { agentId, did } = await bank.register(name);
    const { digest } = await bank.claimOf(name, "data_access");
    const [iat, exp] = [1_700_000_000, 4_000_000_000];
    const id = "01900000-0000-7000-8000-00000000000";
    const jti = `${id}${name.length % 10}`;
    const attester = bank.people.compliance.id;
    const claims = {
      jti,
      sub: did,
      claim: "data_access",
      digest: digest ?? "",
      authority: "compliance",
    } as const;
    const key = { keyId, privateKey: pair.privateKey } as HeldKey;
    const jws = signAttestation(key, { ...claims, attester, iat, exp });
    await asOwner(
      `insert into attestations (id, agent_id, claim, digest, authority, attested_by, step_up, attested_at, expires_at, jws)
       values ($1, $2, 'data_access', $3, 'compliance', $4, 'totp', to_timestamp($5), to_timestamp($6), $7)`,
      [jti, agentId, digest, attester, iat, exp, jws],
    );
  };

  test("signs nothing that counts", async () => {
    await forge("forged-1");
    expect(await standing("forged-1")).toBe("invalid");
  });

  test("nor when it is put in the place of the authority's public one", async () => {
    await bank.register("forged-0");
    await bank.attest("forged-0", "data_access", "compliance");
    await asOwner(
      "update sealed_keys set public_jwk = $1, key_id = $2 where name = 'attestation:compliance'",
      [...[JSON.stringify(pair.publicKey.export({ format: "jwk" })), keyId]],
    );
    await forge("forged-22");
    expect(await standing("forged-22")).toBe("invalid");
    expect(await standing("forged-0")).toBe("attested");
  });
});

describe("the issuing authority's word", () => {
  const issuing = async (name: string, now?: Date) =>
    (await bank.standing(name, "core_identity", "issuing-ca", now)).standing;

  test("ends with the certificate, whatever end the row has", async () => {
    const { agentId } = await enrol("certified-1");
    expect(await issuing("certified-1")).toBe("attested");
    await asOwner("update credentials set not_after = '2100-01-01' where agent_id = $1", [agentId]);
    expect(await issuing("certified-1")).toBe("attested");
    expect(await issuing("certified-1", new Date(Date.now() + 25 * 3_600_000))).toBe("missing");
  });

  test("is not had with another agent's certificate, or one of another purpose", async () => {
    const one = await enrol("certified-2");
    const two = await enrol("certified-3");
    await asOwner(
      `update credentials c set certificate_pem = o.certificate_pem from credentials o
        where c.agent_id = $1 and o.agent_id = $2 and c.purpose = o.purpose and c.purpose = 'signature'`,
      [one.agentId, two.agentId],
    );
    expect(await issuing("certified-2")).toBe("invalid");
    await asOwner(
      `update credentials c set certificate_pem = o.certificate_pem, thumbprint = o.thumbprint || '!' from credentials o
        where c.agent_id = $1 and o.agent_id = $1 and c.purpose = 'oauth' and o.purpose = 'signature'`,
      [two.agentId],
    );
    expect(await issuing("certified-3")).toBe("invalid");
  });

  test("is not had of an authority that the root did not sign", async () => {
    await enrol("certified-4");
    await asOwner(
      `update authorities a set certificate_pem = o.certificate_pem from authorities o
        where a.purpose = 'encryption' and o.purpose = 'transport-anchor'`,
    );
    expect(await issuing("certified-4")).toBe("invalid");
  });
});

test("the application itself changes and removes nothing that was stated, attested or withdrawn", async () => {
  await bank.register("insert-only-1");
  await bank.attest("insert-only-1", "data_access", "compliance");
  for (const table of ["agent_claims", "attestations", "attestation_withdrawals"])
    for (const statement of [`update ${table} set ${firstColumn(table)} = null`, `delete from ${table}`])
      await expect(database.db.execute(statement)).rejects.toMatchObject({ cause: { code: "42501" } });
});

test("the database too refuses an attestation by who stated the claim, or by one person twice", async () => {
  const { agentId } = await bank.register("insert-only-2");
  const { digest } = await bank.claimOf("insert-only-2", "data_access");
  await bank.attest("insert-only-2", "data_access", "compliance");
  const insert = (authority: string, by: string, of = digest) =>
    database.asSuper((client) =>
      client.query(
        `insert into attestations (id, agent_id, claim, digest, authority, attested_by, step_up, attested_at, expires_at, jws)
         values (gen_random_uuid(), $1, 'data_access', $2, $3, $4, 'totp', now(), now(), 'a.b.c')`,
        [agentId, of, authority, by],
      ),
    );
  await expect(insert("security-review", bank.people.compliance.id)).rejects.toMatchObject({ code: "23514" });
  await expect(insert("security-review", "test")).rejects.toMatchObject({ code: "23514" });
});

function firstColumn(table: string): string {
  return table === "attestation_withdrawals" ? "reason" : "digest";
}
