import "reflect-metadata";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { connect, createServer, type Server, type TLSSocket } from "node:tls";
import { X509Crl } from "@peculiar/x509";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { credentials } from "../../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import { crl } from "./crl.ts";
import { loadDoorCertificate } from "./load-door-certificate.ts";
import { revokeCredential } from "./revoke-credential.ts";
import { ISSUERS, PURPOSES, type Purpose } from "./schema.ts";
import { createIdentityWorld, type EnrolledAgent, type IdentityWorld } from "./testing/identity-world.ts";
import { trustBundle } from "./trust-bundle.ts";

let database: TestDatabase;
let world: IdentityWorld;
let agent: EnrolledAgent;
let server: Server;

beforeAll(async () => {
  database = await createTestDatabase();
  world = await createIdentityWorld(database);
  agent = await world.enrol("handshake-1");
  const door = await loadDoorCertificate(database.db, world.keys("gateway"));
  server = createServer(
    { ...door, minVersion: "TLSv1.3", requestCert: true, rejectUnauthorized: true },
    (socket) => socket.end(socket.getPeerX509Certificate()?.subjectAltName ?? ""),
  );
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  server.close();
  await world.close();
  await database.close();
});

/** What the door says to a client with this certificate; rejects where the handshake does not hold. */
async function knock(purpose: Purpose | null, withChain = true): Promise<string> {
  const { certificatePem, chainPem } = agent.certificates[purpose ?? "transport"];
  const socket: TLSSocket = connect({
    host: "localhost",
    port: (server.address() as AddressInfo).port,
    minVersion: "TLSv1.3",
    ca: (await trustBundle(database.db)).split(/(?<=-----END CERTIFICATE-----\n)/)[0] ?? "",
    ...(purpose && {
      cert: withChain ? certificatePem + chainPem : certificatePem,
      key: agent.keys[purpose].privateKey.export({ format: "pem", type: "pkcs8" }),
    }),
  });
  return new Promise((resolve, reject) => {
    let said = "";
    socket.on("data", (chunk) => {
      said += chunk;
    });
    socket.on("error", reject);
    socket.on("close", () => (said ? resolve(said) : reject(new Error("closed without a word"))));
  });
}

describe("at a door with mutual TLS", () => {
  test("a transport certificate is let in, and the door proves itself with the root alone", async () => {
    expect(await knock("transport")).toBe("URI:spiffe://bank/agent/handshake-1");
    expect(await knock("transport", false)).toContain("handshake-1");
  });

  test.each(PURPOSES.filter((purpose) => purpose !== "transport"))(
    "a %s certificate is refused at the handshake, its chain sent along or not",
    async (purpose) => {
      await expect(knock(purpose)).rejects.toThrow();
      await expect(knock(purpose, false)).rejects.toThrow();
    },
  );

  test("no certificate is refused", async () => {
    await expect(knock(null)).rejects.toThrow();
  });
});

describe("the same certificates by OpenSSL", () => {
  const verify = (purpose: Purpose, use: string, extra: string[] = []) => {
    const directory = mkdtempSync(path.join(tmpdir(), "vigil-openssl-"));
    try {
      const file = (name: string, text: string) => {
        writeFileSync(path.join(directory, name), text);
        return path.join(directory, name);
      };
      const root = file("root.pem", agent.trustBundlePem.split(/(?<=-----END CERTIFICATE-----\n)/)[0] ?? "");
      const { certificatePem, chainPem } = agent.certificates[purpose];
      const chain = ["-untrusted", file("issuer.pem", chainPem), file("leaf.pem", certificatePem)];
      execFileSync(
        "openssl",
        ["verify", "-x509_strict", "-CAfile", root, "-purpose", use, ...extra, ...chain],
        {
          stdio: "pipe",
        },
      );
      return true;
    } catch {
      return false;
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  };

  test("each serves its purpose and no other, under strict RFC 5280 checks", () => {
    const told = PURPOSES.map((purpose) => [
      purpose,
      verify(purpose, "sslclient"),
      verify(purpose, "sslserver"),
      verify(purpose, "any"),
    ]);
    expect(told).toEqual([
      ["transport", true, true, true],
      ["signature", false, false, true],
      ["oauth", true, false, true],
      ["callback", false, true, true],
      ["encryption", false, false, true],
    ]);
  });
});

describe("revocation lists", () => {
  test("exist for the root and every issuing authority and are signed by it", async () => {
    for (const issuer of ["root", ...ISSUERS]) {
      const der = await vi.waitFor(() => crl(database.db, issuer));
      const list = new X509Crl(der as Buffer<ArrayBuffer>);
      expect(list.issuer).toBe(`CN=Vigil ${issuer} authority`);
      expect((list.nextUpdate?.getTime() ?? 0) > Date.now()).toBe(true);
    }
  });

  test("name a revoked certificate, with its reason, and no other", async () => {
    const { agentId } = await world.enrol("revoked-1");
    const [held] = (
      await database.db.select().from(credentials).where(eq(credentials.agentId, agentId))
    ).filter((row) => row.purpose === "callback");
    const { actor, now } = world.ctx();
    const revocation = { credentialId: held?.id ?? "", reason: "key-compromise" as const, actor, now };
    await database.db.transaction((tx) => revokeCredential(tx, revocation));
    await vi.waitFor(async () => {
      const list = new X509Crl((await crl(database.db, "callback")) as Buffer<ArrayBuffer>);
      expect(list.entries.map((entry) => [entry.serialNumber, entry.reason])).toEqual([[held?.serial, 1]]);
    });
    await expect(database.db.transaction((tx) => revokeCredential(tx, revocation))).rejects.toMatchObject({
      code: "credential_not_active",
    });
  });

  test.each(["door", "transport-anchor", "../transport", "0".repeat(40), ""])(
    "there is none called %j",
    async (ca) => {
      await expect(crl(database.db, ca)).rejects.toMatchObject({ code: "crl_unknown", status: 404 });
    },
  );
});
