import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, it } from "vitest";
import { agents, trustOverrides } from "../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import { currentTrust } from "../layers/authorization/current-trust.ts";
import { decideTrustOverride } from "../layers/authorization/decide-trust-override.ts";
import { requestTrustOverride } from "../layers/authorization/request-trust-override.ts";
import {
  later,
  makeAgent,
  makePerson,
  NOW,
  type Operator,
  recordsOf,
} from "../layers/authorization/testing/people-and-agents.ts";
import { banAgentAndBelow } from "./ban-agent.ts";
import { containAgent } from "./contain-agent.ts";
import { setStandingAndBelow } from "./set-standing.ts";

let database: TestDatabase;
let asker: Operator;
let approver: Operator;
beforeAll(async () => {
  database = await createTestDatabase();
  asker = await makePerson(database.db, ["analyst", "admin"]);
  approver = await makePerson(database.db, ["approver"]);
});
afterAll(() => database.close());

const ctx = (actor: Operator, now: Date) => ({ db: database.db, actor, now });

it.each<[string, (agentId: string, name: string) => Promise<unknown>]>([
  ["contained", (agentId) => containAgent(ctx(asker, later(60)), { agentId, reason: "It reads too much" })],
  [
    "suspended",
    (_id, name) =>
      setStandingAndBelow(ctx(asker, later(60)), { name, to: "suspended", reason: "Maintenance" }),
  ],
  ["banned", (_id, name) => banAgentAndBelow(ctx(asker, later(60)), { name, reason: "It was copied" })],
])("an agent that is %s loses what was set by hand of its trust for good, on record", async (_what, stop) => {
  const agent = await makeAgent(database.db);
  const terms = { agent: agent.name, score: 0.9, durationSeconds: 86_400, reason: "Known from the pilot" };
  const asked = await requestTrustOverride(ctx(asker, NOW), terms);
  const decision = { ...asked, decision: "approve", reason: "Agreed" } as const;
  await decideTrustOverride(ctx(approver, NOW), decision, "totp");
  const trust = async (seconds: number) => currentTrust(database.db, agent.id, later(seconds));
  expect((await trust(59)).score).toBe(0.9);

  await stop(agent.id, agent.name);
  await database.db.update(agents).set({ status: "active", banned: false }).where(eq(agents.id, agent.id));
  expect(await trust(61)).toMatchObject({ score: (await trust(61)).computed, override: null });
  const [row] = await database.db.select().from(trustOverrides).where(eq(trustOverrides.id, asked.id));
  expect(row).toMatchObject({ endsAt: later(60), endedBy: asker.id });
  const ended = (await recordsOf(database.db, agent.id)).filter(
    ({ kind }) => kind === "trust.override_ended",
  );
  expect(ended).toMatchObject([{ body: { details: { override: asked.id } } }]);
});
