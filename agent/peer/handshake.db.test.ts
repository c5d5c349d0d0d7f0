import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import { makeAgent } from "../../server/gateway/testing/test-agent.ts";
import { transportLeaf } from "../../server/layers/identity/testing/chain-world.ts";
import { forgeAuthority } from "../../server/layers/identity/testing/forge.ts";
import { hasOpenssl } from "../../server/layers/identity/testing/openssl.ts";
import { pem } from "../../server/layers/identity/testing/write-der.ts";
import {
  callWith,
  clientWith,
  eager,
  errorOf,
  faultsOf,
  misissue,
  revokeTransport,
  startTwoAgents,
  type TwoAgents,
} from "../testing/two-agents.ts";
import { checkPeer } from "./check-peer.ts";
import { openPeer } from "./open-peer.ts";
import { serveAgent } from "./serve-agent.ts";

let database: TestDatabase;
let world: TwoAgents;
let token: string;

beforeAll(async () => {
  database = await createTestDatabase();
  world = await startTwoAgents(database);
  token = (await world.caller.token()).token;
});
afterAll(async () => {
  await world?.close();
  await database?.close();
});

const transport = () => world.caller.credential("transport");

describe("two enrolled agents", () => {
  test("shake hands, and the caller is answered by name over TLS 1.3", async () => {
    const peer = openPeer(world.caller.sdk.peering, world.door.url, "served-one");
    const answer = await peer.call("transactions.read", { account: 7 });
    expect(answer).toMatchObject({
      ...{ from: "caller-one", did: "did:bank:agent:caller-one", to: "served-one" },
      action: "transactions.read",
      thumbprint: transport().thumbprint,
      tls: { version: "TLSv1.3", cipher: "TLS_AES_256_GCM_SHA384", resumed: false },
      answer: { greeting: "You are caller-one.", echo: { account: 7 } },
    });
    const { checks } = answer as { checks: { id: string; passed: boolean }[] };
    expect(checks.map(({ id }) => id)).toEqual(
      expect.arrayContaining(["token-live", "isolation", "scope", "zone-edge", "token-bound"]),
    );
    await peer.close();
  });

  test("a second connection resumes the session, and its caller is judged all the same", async () => {
    const peer = openPeer(world.caller.sdk.peering, world.door.url, "served-one");
    await peer.call("transactions.read");
    const together = await Promise.all([1, 2, 3].map(() => peer.call("transactions.read")));
    const resumed = together.map((answer) => (answer as { tls: { resumed: boolean } }).tls.resumed);
    expect(resumed).toContain(true);
    expect(together).toMatchObject(
      [1, 2, 3].map(() => ({ from: "caller-one", thumbprint: transport().thumbprint })),
    );
    await peer.close();
  });

  test("calls one after the other go over one connection", async () => {
    const client = clientWith(transport());
    const ports = [];
    for (let time = 0; time < 3; time++) ports.push((await callWith(client, world.door.url, token)).port);
    expect(new Set(ports).size).toBe(1);
    client.destroy();
  });

  test("whoever answers at the URL must be the agent that was expected", async () => {
    const peer = openPeer(world.caller.sdk.peering, world.door.url, "served-two");
    const error = (await peer.call("transactions.read").catch((it) => it)) as {
      code: string;
      facts: { checks: { id: string }[] };
    };
    expect(error).toMatchObject({ code: "peer_refused" });
    expect(error.facts.checks.map(({ id }) => id)).toEqual(["tls-verified", "identity"]);
    await peer.close();
  });

  test("a renewed certificate is shown to new connections without a restart", async () => {
    await world.served.sdk.renew("transport");
    const client = clientWith(transport());
    const said = await callWith(client, world.door.url, token);
    expect(said.status).toBe(200);
    const { thumbprint } = world.served.credential("transport");
    const report = await checkPeer(eager(world.caller), world.door.url, "served-one");
    expect(report.certificates[0]?.thumbprint).toBe(thumbprint);
    client.destroy();
  });
});

describe("a caller is refused by the check that is for it", () => {
  const refusedBy = async (identity: Parameters<typeof clientWith>[0]) => {
    const client = clientWith(identity);
    const said = await callWith(client, world.door.url, token);
    client.destroy();
    expect(said.status).toBe(401);
    expect(errorOf(said).code).toBe("peer_refused");
    return faultsOf(said);
  };

  test("without a certificate", async () => {
    expect(await refusedBy(null)).toEqual(expect.arrayContaining(["presented", "tls-verified"]));
  });

  test("with a certificate that expired", async () => {
    const ended = { notBefore: new Date(Date.now() - 240_000), notAfter: new Date(Date.now() - 60_000) };
    const expired = await misissue(world.system, { agent: "caller-one", ...ended });
    expect(await refusedBy(expired)).toEqual(["tls-verified", "validity"]);
  });

  test("with a certificate for another purpose", async () => {
    for (const purpose of ["signature", "oauth", "callback", "encryption"] as const) {
      const faults = await refusedBy(world.caller.credential(purpose));
      expect(faults).toContain("extended-key-usage");
    }
  });

  test("with a callback certificate that the transport authority was made to sign", async () => {
    const wrong = await misissue(world.system, { agent: "caller-one", purpose: "callback" });
    expect(await refusedBy(wrong)).toEqual(
      expect.arrayContaining(["extended-key-usage", "subject-alternative-name", "identity"]),
    );
  });

  test("with a foreign authority's certificate of the same name", async () => {
    const foreign = forgeAuthority(null, { subject: "Vigil transport authority" });
    const leaf = transportLeaf(foreign, {
      notBefore: new Date(Date.now() - 60_000),
      notAfter: new Date(Date.now() + 60_000),
    });
    const keyPem = leaf.key.privateKey.export({ format: "pem", type: "pkcs8" }).toString();
    const faults = await refusedBy({
      keyPem,
      certificatePem: pem("CERTIFICATE", leaf.der) + pem("CERTIFICATE", foreign.der),
    });
    expect(faults).toEqual(expect.arrayContaining(["tls-verified", "signatures"]));
  });

  test("with another agent's token", async () => {
    const thief = await makeAgent(world.system, "thief-one");
    const client = clientWith(thief.credential("transport"));
    const said = await callWith(client, world.door.url, token);
    expect(said.status).toBe(403);
    expect(faultsOf(said)).toEqual(["token-holder", "token-bound"]);
    client.destroy();
    await thief.close();
  });
});

describe("Vigil decides each call", () => {
  const denied = async (call: object, zone = "a") => {
    const agent =
      zone === "a"
        ? world.caller
        : await makeAgent(world.system, `zone-${zone}`, ["transactions:read"], { zone });
    const client = clientWith(agent.credential("transport"));
    const said = await callWith(client, world.door.url, (await agent.token()).token, call);
    client.destroy();
    if (agent !== world.caller) await agent.close();
    expect(said.status).toBe(403);
    expect(errorOf(said)).toMatchObject({ code: "call_denied" });
    return { faults: faultsOf(said), message: errorOf(said).message };
  };

  test("an action beyond the token's scopes is denied with the scope it needs", async () => {
    const { faults, message } = await denied({ action: "payments.execute" });
    expect(faults).toEqual(["scope"]);
    expect(message).toContain("payments:execute");
  });

  test("a caller from a zone without an edge is denied", async () => {
    expect((await denied({ action: "transactions.read" }, "c")).faults).toEqual(["zone-edge"]);
  });

  test("a token that is none is denied", async () => {
    const client = clientWith(transport());
    const said = await callWith(client, world.door.url, "nonsense");
    expect(said.status).toBe(403);
    expect(faultsOf(said)).toContain("token");
    client.destroy();
  });
});

describe.skipIf(!hasOpenssl())("by openssl s_client", () => {
  const shake = (...args: string[]) => {
    const credential = transport();
    const key = path.join(world.system.folder, "client.pem");
    const root = path.join(world.system.folder, "root.pem");
    writeFileSync(key, credential.keyPem + credential.certificatePem);
    writeFileSync(root, world.caller.rootPem);
    const child = spawn("openssl", [
      ...["s_client", "-connect", new URL(world.door.url).host, "-CAfile", root],
      ...["-cert", key, "-cert_chain", key, "-key", key, "-verify_return_error", ...args],
    ]);
    child.stdin.end("GET /v1/peer HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    const kill = setTimeout(() => child.kill(), 10_000);
    return Promise.all([text(child.stdout), text(child.stderr)]).then(([out, err]) => {
      clearTimeout(kill);
      return out + err;
    });
  };

  test("the agent speaks TLS 1.3 with AES-256-GCM, or AES-128-GCM where only that is offered", async () => {
    expect(await shake()).toContain("New, TLSv1.3, Cipher is TLS_AES_256_GCM_SHA384");
    expect(await shake("-ciphersuites", "TLS_AES_128_GCM_SHA256")).toContain(
      "New, TLSv1.3, Cipher is TLS_AES_128_GCM_SHA256",
    );
  });

  test("it speaks no other suite and no older TLS", async () => {
    expect(await shake("-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256")).toContain("handshake failure");
    expect(await shake("-tls1_2")).toMatch(/protocol version|wrong version|Cipher is \(NONE\)/);
  });

  test("it asks for a certificate, and its own chain verifies to the root", async () => {
    const said = await shake();
    expect(said).toContain("Verify return code: 0 (ok)");
    expect(said).toContain("Acceptable client certificate CA names");
  });
});

describe("revocation cuts", () => {
  test("a caller whose certificate is revoked is refused at its next request on the same connection", async () => {
    const agent = await makeAgent(world.system, "soon-revoked");
    const client = clientWith(agent.credential("transport"));
    const { token: own } = await agent.token();
    const before = await callWith(client, world.door.url, own);
    expect(before.status).toBe(200);
    await revokeTransport(world.system, agent);
    const seen: (string[] | undefined)[] = [];
    await vi.waitFor(
      async () => {
        const after = await callWith(client, world.door.url, own);
        if (after.status !== 200) seen.push(faultsOf(after));
        expect(after.status).toBe(401);
        expect(faultsOf(after)).toEqual(["not-revoked"]);
      },
      { timeout: 10_000 },
    );
    expect(seen.flat()).toEqual(expect.not.arrayContaining(["tls-verified"]));
    client.destroy();
    await agent.close();
  });

  test("with lists of a minute ago, Vigil's decision refuses it at once, on the connection that is open", async () => {
    const slow = await serveAgent(world.served.sdk.peering, { port: 0, onCall: () => "yes" });
    const agent = await makeAgent(world.system, "soon-denied");
    const client = clientWith(agent.credential("transport"));
    const { token: own } = await agent.token();
    const before = await callWith(client, slow.url, own);
    expect(before.status).toBe(200);
    await revokeTransport(world.system, agent);
    await vi.waitFor(
      async () => {
        const after = await callWith(client, slow.url, own);
        expect(after).toMatchObject({ status: 403, port: before.port });
        expect(faultsOf(after)).toEqual(["bound-certificate"]);
      },
      { timeout: 5_000 },
    );
    client.destroy();
    await agent.close();
    await slow.close();
  });

  test("a caller that is contained is refused at its next request on the connection that is open", async () => {
    const agent = await makeAgent(world.system, "soon-contained");
    const client = clientWith(agent.credential("transport"));
    const { token: own } = await agent.token();
    const before = await callWith(client, world.door.url, own);
    expect(before.status).toBe(200);
    await world.system.db.$client.query("update agents set status = 'contained' where id = $1", [agent.id]);
    await world.system.db.$client.query("select pg_notify('vigil', $1)", [`agent:${agent.id}`]);
    await vi.waitFor(
      async () => {
        const after = await callWith(client, world.door.url, own);
        expect(after).toMatchObject({ status: 403, port: before.port });
        expect(errorOf(after).message).toContain("contained");
      },
      { timeout: 5_000 },
    );
    client.destroy();
    await agent.close();
  });

  test("a served agent that is revoked is left by its caller at the next call, though the connection is open", async () => {
    const agent = await makeAgent(world.system, "served-revoked");
    const door = await serveAgent(agent.sdk.peering, { port: 0, onCall: () => "yes" });
    const peer = openPeer(eager(world.caller), door.url, "served-revoked");
    expect(await peer.call("transactions.read")).toMatchObject({ answer: "yes" });
    await revokeTransport(world.system, agent);
    await vi.waitFor(
      async () =>
        expect(await peer.call("transactions.read").catch((error) => error)).toMatchObject({
          code: "peer_refused",
          facts: { checks: [{ id: "not-revoked" }] },
        }),
      { timeout: 10_000 },
    );
    await peer.close();
    await door.close();
    await agent.close();
  });
});
