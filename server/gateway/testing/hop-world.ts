import "reflect-metadata";
import { generateKeyPairSync, randomBytes, X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import https from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import { ExtendedKeyUsage, KeyUsageFlags } from "@peculiar/x509";
import { createTestDatabase } from "../../../db/testing/test-database.ts";
import { present } from "../../kernel/ensure.ts";
import { createKeyStore } from "../../keys/key-store.ts";
import { roleKekFromEnv } from "../../keys/role-kek.ts";
import { buildCertificate } from "../../layers/identity/engine/build-certificate.ts";
import { openAuthority } from "../../layers/identity/open-authority.ts";
import type { Issuer } from "../../layers/identity/schema.ts";
import { type NginxForm, selfSigned, startNginx, type TestCertificate } from "./nginx.ts";
import { freePort, type System, startSystem } from "./start-system.ts";
import { makeAgent, type TestAgent } from "./test-agent.ts";

export type HopWorld = Awaited<ReturnType<typeof createHopWorld>>;

/** A gateway with a door for hops, a real nginx before it for each form, and agents that speak through nginx. */
export async function createHopWorld() {
  const folder = mkdtempSync(path.join(tmpdir(), "vigil-hop-"));
  const own = selfSigned(folder, "nginx-to-gateway");
  const ownXfcc = selfSigned(folder, "nginx-to-gateway-xfcc");
  const server = selfSigned(folder, "nginx-to-agents");
  const stranger = selfSigned(folder, "another-proxy");
  const [hopPort, xfccPort, rfcPort, openPort] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  const pinOf = ({ certificatePem }: TestCertificate) => new X509Certificate(certificatePem).fingerprint256;
  const database = await createTestDatabase();
  const system = await startSystem(database.urls, undefined, {
    VIGIL_HOP_PORT: String(hopPort),
    VIGIL_TRUSTED_HOPS: `client-cert=sha256:${pinOf(own)}, xfcc=sha256:${pinOf(ownXfcc)}, 127.0.0.0/8, ::1/128`,
    VIGIL_GATEWAY_URL: `https://localhost:${xfccPort}`,
  });
  const bundle = await readText(`${system.env.enrolUrl}/v1/trust-bundle`);
  const clientCaPem = await readText(`${system.env.enrolUrl}/v1/trust-bundle/transport`);
  const nginx = (port: number, form: NginxForm, verify: "on" | "optional_no_ca" = "on") =>
    startNginx(folder, {
      ...{ port, hopPort, form, server, clientCaPem, gatewayRootPem: bundle, verify },
      own: form === "xfcc" ? ownXfcc : own,
    });
  const proxies = [
    await nginx(xfccPort, "xfcc"),
    await nginx(rfcPort, "rfc9440"),
    await nginx(openPort, "xfcc", "optional_no_ca"),
  ];
  const agents: TestAgent[] = [];
  return {
    ...{ folder, system, own, ownXfcc, server, stranger, hopPort, xfccPort, rfcPort, openPort, clientCaPem },
    async agent(name: string): Promise<TestAgent> {
      const made = await makeAgent(system, name, undefined, { alsoTrusts: server.certificatePem });
      agents.push(made);
      return made;
    },
    /** A certificate that one of Vigil's own authorities signs for the test. */
    sign: (issuer: Issuer, more: Partial<Parameters<typeof buildCertificate>[1]> = {}) =>
      signLeaf(system, issuer, more),
    async close() {
      for (const each of agents) await each.close();
      for (const proxy of proxies) await proxy.close();
      await system.close();
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function signLeaf(
  system: System,
  issuer: Issuer,
  more: object,
): Promise<Pick<TestCertificate, "keyPem" | "certificatePem">> {
  const keys = createKeyStore(system.db, "worker", roleKekFromEnv(system.env, "worker"));
  const { signer } = await openAuthority(system.db, keys, issuer);
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const certificate = await buildCertificate(signer, {
    kind: "leaf",
    serial: `1${randomBytes(12).toString("hex")}`,
    commonName: "nobody",
    publicKeySpki: publicKey.export({ format: "der", type: "spki" }),
    notBefore: new Date(Date.now() - 3_600_000),
    notAfter: new Date(Date.now() + 3_600_000),
    keyUsage: KeyUsageFlags.digitalSignature,
    extendedKeyUsage: [ExtendedKeyUsage.clientAuth],
    names: [{ type: "url", value: "spiffe://bank/agent/nobody" }],
    ...more,
  });
  return {
    keyPem: privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
    certificatePem: `${certificate.toString("pem")}\n`,
  };
}

function readText(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    // What is read are the anchors themselves: nothing is there yet to check the door against.
    https
      .get(url, { rejectUnauthorized: false, agent: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
      })
      .on("error", reject);
  });
}

/** A certificate as RFC 9440 writes it into `Client-Cert`. */
export const rfc9440 = (certificatePem: string): string =>
  `:${new X509Certificate(present(certificatePem, "certificate")).raw.toString("base64")}:`;

/** The same as Envoy writes it into `X-Forwarded-Client-Cert`. */
export const xfcc = (certificatePem: string): string =>
  `Cert="${encodeURIComponent(new X509Certificate(certificatePem).toString())}"`;
