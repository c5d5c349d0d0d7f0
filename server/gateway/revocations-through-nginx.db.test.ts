import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { followRevocations, type Revocations } from "../../agent/follow-revocations.ts";
import { accessTokens } from "../../db/schema/index.ts";
import { containAgent } from "../flows/contain-agent.ts";
import { revokeToken } from "../layers/authorization/revoke-token.ts";
import { createHopWorld, type HopWorld } from "./testing/hop-world.ts";
import { hasNginx } from "./testing/nginx.ts";
import { makeAgent, type TestAgent } from "./testing/test-agent.ts";

const FELT = { timeout: 1_000, interval: 10 };
const analyst = {
  type: "operator" as const,
  id: "analyst",
  email: "analyst@bank",
  roles: ["analyst"],
  sessionId: null,
};
let world: HopWorld;
let server: TestAgent;
let revocations: Revocations;
const lost: Error[] = [];
beforeAll(async () => {
  if (!hasNginx) return;
  world = await createHopWorld();
  server = await makeAgent(world.system, "api-behind", [], {
    kind: "resource-server",
    alsoTrusts: world.server.certificatePem,
  });
  revocations = followRevocations(server.sdk.peering, { onLost: (error) => lost.push(error) });
  await revocations.ready;
}, 120_000);
afterAll(async () => {
  await revocations?.close();
  await server?.close();
  await world?.close();
});

/** An agent's living token, as a resource server reads it. */
async function tokenOf(agent: TestAgent) {
  await agent.token();
  const { db } = world.system;
  const [row] = await db.select().from(accessTokens).where(eq(accessTokens.agentId, agent.id));
  return { jti: row?.jti ?? "", sub: agent.did };
}

describe.skipIf(!hasNginx)("the stream through a real nginx that ends TLS", () => {
  it("is not held back by the proxy: a revocation is known within a second, and the view stays fresh", async () => {
    const agent = await world.agent("revoked-behind");
    const token = await tokenOf(agent);
    expect(revocations.judge(token).outcome).toBe("allow");
    await revokeToken(world.system.db, { jti: token.jti, agent, now: new Date() });
    await vi.waitFor(() => expect(revocations.judge(token).outcome).toBe("deny"), FELT);
    expect(revocations.ageMs()).toBeLessThan(2_000);
  });

  it("ends at once for a resource server that is contained, though the proxy's connection is another's", async () => {
    const agent = await world.agent("revoked-afterwards");
    const token = await tokenOf(agent);
    const before = lost.length;
    await containAgent(
      { db: world.system.db, actor: analyst, now: new Date() },
      { agentId: server.id, reason: "It was taken over" },
    );
    await vi.waitFor(() => expect(lost.length).toBeGreaterThan(before), { timeout: 2_000, interval: 10 });
    await revokeToken(world.system.db, { jti: token.jti, agent, now: new Date() });
    await vi.waitFor(() => expect(lost.some((error) => error.message.includes("contained"))).toBe(true), {
      timeout: 5_000,
      interval: 20,
    });
    const view = revocations.judge(token).checks.find(({ id }) => id === "not-revoked");
    expect(view?.passed).toBe(true);
  });
});
