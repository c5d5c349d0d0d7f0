import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { auditRecords, baselines, grants, snapshots } from "../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import { makeAgent, makeOperator, minutesLater, NOW } from "../incidents/testing/cast.ts";
import { sha256 } from "../kernel/hash.ts";
import { uuidv7 } from "../kernel/ids.ts";
import { ensureDefaultPolicy } from "../layers/authorization/ensure-default-policy.ts";
import { containAgent } from "./contain-agent.ts";

let test_: TestDatabase;
beforeAll(async () => {
  test_ = await createTestDatabase();
});
afterAll(() => test_.close());

test("a containment by itself keeps the grants, tokens, baseline, last actions and policy of that moment", async () => {
  const { db } = test_;
  await ensureDefaultPolicy(db, NOW);
  const agent = await makeAgent(db);
  const grantId = randomUUID();
  await db.insert(grants).values({
    ...{ id: grantId, agentId: agent.id, scope: "transactions:read", policyVersion: 1 },
    ...{ grantedBy: "admin", grantedAt: minutesLater(-60) },
  });
  await db.insert(baselines).values({
    ...{ id: randomUUID(), agentId: agent.id, version: 3, model: { v: 1 }, windows: 2_000 },
    ...{ learntFrom: minutesLater(-90), learntTo: minutesLater(-60) },
    ...{ createdAt: minutesLater(-60), createdBy: "monitoring" },
  });
  const body = Buffer.from("{}");
  const recordId = uuidv7(NOW.getTime());
  await db.insert(auditRecords).values({
    ...{ id: recordId, kind: "agent.actions", at: minutesLater(-1), agentId: agent.id, actor: agent.name },
    ...{ outcome: "allow", body, digest: sha256(body) },
  });

  const { containmentId } = await containAgent(
    { db, actor: await makeOperator(db, "analyst"), now: NOW },
    { agentId: agent.id, reason: "it reads what it never read" },
  );
  const [row] = await db.select().from(snapshots).where(eq(snapshots.containmentId, containmentId));
  const { evidence } = JSON.parse(row?.body.toString("utf8") ?? "{}");
  expect(evidence.grants).toMatchObject([{ id: grantId, scope: "transactions:read" }]);
  expect(evidence.tokens).toHaveLength(3);
  expect(evidence.baseline).toMatchObject({ version: 3, modelDigest: expect.stringMatching(/^sha256:/) });
  expect(evidence.records).toMatchObject([
    { id: recordId, digest: `sha256:${sha256(body).toString("hex")}` },
  ]);
  expect(evidence.policy).toMatchObject({ version: 1, digest: expect.stringMatching(/^sha256:/) });
});
