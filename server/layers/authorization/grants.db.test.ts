import { eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { accessTokens, agents, auditRecords, grants, scopePolicies } from "../../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { uuidv7 } from "../../kernel/ids.ts";
import { currentPolicy } from "./current-policy.ts";
import { ensureDefaultPolicy } from "./ensure-default-policy.ts";
import { grantBaseScopes } from "./grant-base-scopes.ts";
import { issueToken } from "./issue-token.ts";
import { listApprovals } from "./list-approvals.ts";
import { listGrants } from "./list-grants.ts";
import { requestApproval } from "./request-approval.ts";
import { revokeAgentTokens } from "./revoke-agent-tokens.ts";
import { revokeGrant } from "./revoke-grant.ts";
import type { AgentRow } from "./store.ts";
import { later, makeAgent, makePerson, NOW, type Operator, recordsOf } from "./testing/people-and-agents.ts";

let test: TestDatabase;
let admin: Operator;
let analyst: Operator;
let agent: AgentRow;
const as = (actor: VerbContext["actor"], now = NOW): VerbContext => ({ db: test.db, actor, now });
const give = (scopes: string[], actor: VerbContext["actor"] = admin) =>
  test.db.transaction((tx) => grantBaseScopes(tx, { agentId: agent.id, scopes, actor, now: NOW }));
const issue = (requested: string[], now = NOW) =>
  test.db.transaction((tx) =>
    issueToken(tx, { agentId: agent.id, requested, thumbprint: "t", boundUntil: later(86_400), now }),
  );

beforeAll(async () => {
  test = await createTestDatabase();
  await expect(currentPolicy(test.db)).rejects.toMatchObject({ code: "policy_missing" });
  await ensureDefaultPolicy(test.db, NOW);
  admin = await makePerson(test.db, ["admin"]);
  analyst = await makePerson(test.db, ["analyst"]);
});
afterAll(() => test.close());
beforeEach(async () => {
  agent = await makeAgent(test.db);
});

it("the first policy is written and recorded once, however often and at once the set-up runs", async () => {
  await Promise.all([ensureDefaultPolicy(test.db, NOW), ensureDefaultPolicy(test.db, NOW)]);
  expect(await test.db.select().from(scopePolicies)).toHaveLength(1);
  const records = await test.db.select().from(auditRecords).where(eq(auditRecords.kind, "policy.created"));
  expect(records).toHaveLength(1);
  expect((await currentPolicy(test.db)).version).toBe(1);
});

describe("standing scopes", () => {
  it("reject an actor without the permission", async () => {
    await expect(give(["transactions:read"], analyst)).rejects.toMatchObject({ code: "not_permitted" });
  });

  it("are recorded, and given once", async () => {
    const { grantIds } = await give(["transactions:read", "alerts:create", "alerts:create"]);
    expect(grantIds).toHaveLength(2);
    const [record] = await recordsOf(test.db, agent.id);
    expect(record).toMatchObject({ kind: "grant.standing", outcome: "allow", body: { grantIds } });
    await expect(give(["transactions:read"])).resolves.toEqual({ grantIds: [] });
  });

  it("at once make one grant", async () => {
    await Promise.all(Array.from({ length: 8 }, () => give(["transactions:read"])));
    expect(await listGrants(as(analyst), { agent: agent.name })).toHaveLength(1);
  });

  it.each(["transactions:modify", "payments:execute", "batch:process", "cloud:write"])(
    "are never %s, and one refused scope gives none of them",
    async (scope) => {
      await expect(give(["transactions:read", scope])).rejects.toMatchObject({
        code: "scope_needs_approval",
      });
      expect(await test.db.select().from(grants).where(eq(grants.agentId, agent.id))).toEqual([]);
    },
  );

  it("are none that the policy does not know", async () => {
    await expect(give(["no:such"])).rejects.toMatchObject({ code: "scope_unknown" });
  });
});

describe("taking a grant back", () => {
  const revoke = (grantId: string, actor: VerbContext["actor"] = analyst) =>
    revokeGrant(as(actor), { grantId, reason: "No longer needed" });

  it("rejects an actor without the permission", async () => {
    const { grantIds } = await give(["transactions:read"]);
    const auditor = await makePerson(test.db, ["auditor"]);
    await expect(revoke(grantIds[0] ?? "", auditor)).rejects.toMatchObject({ code: "not_permitted" });
  });

  it("kills the tokens that carry it and no others, and the next token lacks the scope", async () => {
    const { grantIds } = await give(["transactions:read", "alerts:create"]);
    const both = await issue(["transactions:read", "alerts:create"]);
    const other = await issue(["alerts:create"]);
    await expect(revoke(grantIds[0] ?? "")).resolves.toEqual({ tokensRevoked: 1 });
    const tokens = await test.db.select().from(accessTokens).where(eq(accessTokens.agentId, agent.id));
    const alive = tokens.filter((token) => token.revokedAt === null).map((token) => token.jti);
    expect(alive).toEqual([other.token?.jti]);
    expect(both.token?.jti).not.toBe(other.token?.jti);
    const [record] = await recordsOf(test.db, agent.id);
    expect(record).toMatchObject({ kind: "grant.revoked", body: { grantIds: [grantIds[0]] } });
    expect((await issue(["transactions:read"])).refused).toMatchObject([{ rule: "not_granted" }]);
  });

  it("happens once: of five at once, four are told", async () => {
    const { grantIds } = await give(["transactions:read"]);
    const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => revoke(grantIds[0] ?? "")));
    expect(outcomes.filter((it) => it.status === "fulfilled")).toHaveLength(1);
    for (const it of outcomes)
      if (it.status === "rejected") expect(it.reason).toMatchObject({ code: "grant_over" });
    await expect(revoke(uuidv7(NOW.getTime()))).rejects.toMatchObject({ code: "grant_unknown" });
  });
});

describe("revoking an agent's tokens", () => {
  it("finds a token that is being issued at this moment", async () => {
    await give(["transactions:read"]);
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let issued: () => void = () => undefined;
    const written = new Promise<void>((resolve) => {
      issued = resolve;
    });
    const issuing = test.db.transaction(async (tx) => {
      const at = { agentId: agent.id, requested: ["transactions:read"], thumbprint: "t" };
      await issueToken(tx, { ...at, boundUntil: later(86_400), now: NOW });
      issued();
      await held;
    });
    await written;
    const revoking = test.db.transaction((tx) =>
      revokeAgentTokens(tx, { agentId: agent.id, reason: "contained", actor: analyst, now: NOW }),
    );
    release();
    await issuing;
    await expect(revoking).resolves.toEqual({ revoked: 1, revokedBelow: 0 });
    const [record] = await recordsOf(test.db, agent.id);
    expect(record).toMatchObject({ kind: "token.revoked", body: { details: { reason: "contained" } } });
  });

  it("leaves other agents' tokens alone", async () => {
    await give(["transactions:read"]);
    const mine = await issue(["transactions:read"]);
    const other = await makeAgent(test.db);
    await test.db.transaction((tx) =>
      revokeAgentTokens(tx, { agentId: other.id, reason: "contained", actor: analyst, now: NOW }),
    );
    const [row] = await test.db
      .select()
      .from(accessTokens)
      .where(eq(accessTokens.jti, mine.token?.jti ?? ""));
    expect(row?.revokedAt).toBeNull();
  });
});

describe("time-bound scopes", () => {
  it.each([
    ["batch:process", 3_600],
    ["audit:temporary", 86_400],
  ])("%s is asked for %i s at most", async (scope, seconds) => {
    const ask = { agent: agent.name, scope, reason: "Month end" };
    await expect(
      requestApproval(as(analyst), { ...ask, durationSeconds: seconds + 1 }),
    ).rejects.toMatchObject({
      code: "duration_too_long",
    });
    await expect(requestApproval(as(analyst), { ...ask, durationSeconds: seconds })).resolves.toBeDefined();
  });
});

describe("the queue", () => {
  it("lists open requests first and is paged without loss or repetition", async () => {
    const decided = uuidv7(NOW.getTime());
    const ids: string[] = [];
    for (const scope of [
      "payments:execute",
      "customer:sensitive_data",
      "transactions:modify",
      "batch:process",
    ]) {
      const ask = { agent: agent.name, scope, durationSeconds: 60, reason: "Queue" };
      ids.push((await requestApproval(as(analyst), ask)).approvalId);
    }
    await test.db.execute(
      `update approvals set status = 'denied', decided_at = now(), decision_reason = 'No' where id = '${ids[0]}'`,
    );
    expect(ids).not.toContain(decided);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await listApprovals(as(analyst), { agent: agent.name, limit: 2, cursor });
      seen.push(...page.approvals.map((it) => it.id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    expect(seen).toHaveLength(4);
    expect(new Set(seen)).toEqual(new Set(ids));
    expect(seen.at(-1)).toBe(ids[0]);
    const denied = await listApprovals(as(analyst), { agent: agent.name, status: "denied" });
    expect(denied.approvals.map((it) => it.id)).toEqual([ids[0]]);
    const pending = await listApprovals(as(analyst), { agent: agent.name, status: "pending" });
    expect(pending.approvals).toHaveLength(3);
  });

  it("shows an overdue request as expired before the duty has come by", async () => {
    const ask = { agent: agent.name, scope: "payments:execute", durationSeconds: 60, reason: "Late" };
    await requestApproval(as(analyst), ask);
    const late = later(9 * 3_600);
    const pending = await listApprovals(as(analyst, late), { agent: agent.name, status: "pending" });
    expect(pending.approvals).toEqual([]);
    const expired = await listApprovals(as(analyst, late), { agent: agent.name, status: "expired" });
    expect(expired.approvals).toMatchObject([{ status: "expired" }]);
  });

  it("refuses an invented cursor and an unknown agent", async () => {
    await expect(listApprovals(as(analyst), { cursor: "open.x" })).rejects.toMatchObject({
      code: "cursor_unknown",
    });
    await expect(listApprovals(as(analyst), { agent: "nobody" })).rejects.toMatchObject({
      code: "agent_unknown",
    });
  });
});

it("a token that cannot be recorded does not exist", async () => {
  await give(["transactions:read"]);
  await test.asSuper((client) => client.query("revoke insert on audit_records from vigil_app"));
  try {
    await expect(issue(["transactions:read"])).rejects.toThrow();
  } finally {
    await test.asSuper((client) => client.query("grant insert on audit_records to vigil_app"));
  }
  expect(await test.db.select().from(accessTokens).where(eq(accessTokens.agentId, agent.id))).toEqual([]);
  await test.db.update(agents).set({ status: "contained" }).where(eq(agents.id, agent.id));
  expect((await issue(["transactions:read"])).token).toBeNull();
});
