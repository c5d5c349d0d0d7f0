import { desc, eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { accessTokens } from "../../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import { recordsOf } from "../../layers/authorization/testing/people-and-agents.ts";
import { freePort, type System, startSystem } from "../testing/start-system.ts";
import { makeAgent, type TestAgent } from "../testing/test-agent.ts";
import { opaIsThere, startOpa } from "./testing/opa.ts";

/** What a bank might write: no alerts from zone b, and nothing it did not name; and a mistake that allows all to one. */
const REGO = `package vigil.authz

allow[scope] := ok if {
  some it in input.requested
  scope := it.scope
  ok := count(denials(scope)) == 0
}

reasons[scope] contains why if {
  some it in input.requested
  scope := it.scope
  some why in denials(scope)
}

denials(scope) := {why |
  scope == "alerts:create"
  input.agent.zone == "b"
  why := "No alerts from zone b"
}

allow["payments:execute"] := true if input.agent.name == "favourite"
`;

const BASE = ["transactions:read", "alerts:create"];
let database: TestDatabase;
let system: System;
let opa: Awaited<ReturnType<typeof startOpa>>;
const agents: TestAgent[] = [];

describe.skipIf(!opaIsThere)(
  "with the bank's OPA as a decision point (skipped where no opa is on the path)",
  () => {
    beforeAll(async () => {
      const port = await freePort();
      database = await createTestDatabase();
      opa = await startOpa(REGO, port);
      system = await startSystem(database.urls, undefined, { VIGIL_OPA_URL: `http://127.0.0.1:${port}` });
    });
    afterAll(async () => {
      for (const agent of agents) await agent.close();
      await system?.close();
      await opa?.stop();
      await database?.close();
    });

    async function agentIn(zone: string, name: string, scopes = BASE): Promise<TestAgent> {
      const agent = await makeAgent(system, name, scopes, { zone });
      agents.push(agent);
      return agent;
    }
    const newestRecord = async (agent: TestAgent, kind: string) =>
      (await recordsOf(system.db, agent.id)).find((it) => it.kind === kind)?.body as
        | { details: Record<string, unknown> }
        | undefined;

    it("what both allow is given, and the record says that it was asked", async () => {
      const agent = await agentIn("a", "in-zone-a");
      await expect(agent.token()).resolves.toMatchObject({ scopes: BASE, refused: [] });
      expect((await newestRecord(agent, "token.issued"))?.details).toMatchObject({
        decisionPoint: { answered: true, scopes: { "transactions:read": { allow: true } } },
      });
    });

    it("what it denies is refused with its reason, and the rest is given", async () => {
      const agent = await agentIn("b", "in-zone-b");
      const { scopes, refused } = await agent.token();
      expect(scopes).toEqual(["transactions:read"]);
      expect(refused).toEqual([
        {
          ...{ scope: "alerts:create", rule: "decision_point_refused" },
          reason: "The bank's decision point (OPA) refused alerts:create: No alerts from zone b.",
        },
      ]);
    });

    it("what it allows beyond our rules is not given: no approval, no token", async () => {
      const agent = await agentIn("a", "favourite");
      const { scopes, refused } = await agent.sdk.token([...BASE, "payments:execute"]);
      expect(scopes).toEqual(BASE);
      expect(refused).toMatchObject([{ scope: "payments:execute", rule: "approval_needed" }]);
    });

    it("away, nothing is given and that is recorded; back, the agent that kept asking gets its token", async () => {
      const agent = await agentIn("a", "patient");
      await opa.stop();
      const asking = agent.token();
      await vi.waitFor(async () => {
        const record = await newestRecord(agent, "token.refused");
        expect(record?.details).toMatchObject({
          refused: [{ rule: "decision_point_away" }, { rule: "decision_point_away" }],
          decisionPoint: { answered: false },
        });
      });
      const none = await system.db.select().from(accessTokens).where(eq(accessTokens.agentId, agent.id));
      expect(none).toEqual([]);
      opa = await startOpa(REGO, opa.port);
      await expect(asking).resolves.toMatchObject({ scopes: BASE });
      const [given] = await system.db
        .select()
        .from(accessTokens)
        .where(eq(accessTokens.agentId, agent.id))
        .orderBy(desc(accessTokens.issuedAt));
      expect(given?.scopes).toEqual(BASE);
    });
  },
);
