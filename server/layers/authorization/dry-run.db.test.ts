import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { type System, startSystem } from "../../gateway/testing/start-system.ts";
import { connect, makeAgent, send, type TestAgent } from "../../gateway/testing/test-agent.ts";
import { currentPolicy } from "./current-policy.ts";
import { dryRunPolicy } from "./dry-run-policy.ts";
import type { ScopePolicy, ScopeRule } from "./policy-schema.ts";
import { proposePolicy } from "./propose-policy.ts";
import { readApproval } from "./read-approval.ts";
import { requestApproval } from "./request-approval.ts";
import { makePerson, type Operator } from "./testing/people-and-agents.ts";
import { voteOnApproval } from "./vote-on-approval.ts";

let database: TestDatabase;
let system: System;
let agent: TestAgent;
let analyst: Operator;
let before: ScopePolicy;
const as = (actor: VerbContext["actor"]): VerbContext => ({ db: system.db, actor, now: new Date() });

/** A morning of one agent: tokens over TLS, signed actions at the gateway, an approval by one person. */
beforeAll(async () => {
  database = await createTestDatabase();
  system = await startSystem(database.urls);
  agent = await makeAgent(system, "worker-bee", ["transactions:read", "cloud:read"]);
  const connection = connect(agent.rootPem, agent.credential("transport"));
  const { token } = await agent.token();
  for (const names of [["transactions.read", "transactions.read", "s3:GetObject"], ["payments.execute"]]) {
    const body = JSON.stringify(names.map((action) => ({ action, at: new Date().toISOString() })));
    await send(connection, `${system.env.gatewayUrl}/v1/actions`, await agent.sign(body, { token }));
  }
  connection.destroy();
  analyst = await makePerson(system.db, ["analyst"]);
  const asks = { agent: agent.name, scope: "payments:execute", durationSeconds: 3_600, reason: "Month end" };
  const { approvalId: id } = await requestApproval(as(analyst), asks);
  const { digest } = await readApproval(as(analyst), id);
  const vote = { id, digest, vote: "approve" as const, reason: "Checked it" };
  await voteOnApproval(as(await makePerson(system.db, ["approver"])), vote, "totp");
  before = await currentPolicy(system.db);
});
afterAll(async () => {
  await agent?.close();
  await system?.close();
  await database?.close();
});

const withScope = (scope: string, change: (rule: ScopeRule) => Partial<ScopeRule>) => ({
  ...before,
  scopes: before.scopes.map((rule) => (rule.scope === scope ? { ...rule, ...change(rule) } : rule)),
});
const tryOut = async (document: object) => {
  const result = await dryRunPolicy(as(analyst), { document: { ...document } });
  const told = result.lines.map(({ kind, what, outcome, rule, count }) => [kind, what, outcome, rule, count]);
  return { ...result, told };
};

describe("a dry-run over what really happened", () => {
  it("refuses whoever lacks the permission, and what is no policy", async () => {
    const nobody = await makePerson(system.db, []);
    const document = { ...before };
    await expect(dryRunPolicy(as(nobody), { document })).rejects.toMatchObject({ code: "not_permitted" });
    await expect(dryRunPolicy(as(analyst), { document: {} })).rejects.toMatchObject({
      code: "policy_invalid",
    });
  });

  it("finds nothing under the policy that decided, and says how much it read", async () => {
    const { told, tokens, actions, approvals, cut, recordsRead } = await tryOut(before);
    expect(told).toEqual([]);
    expect(tokens).toMatchObject({ read: 2, unknown: 0 });
    expect(actions).toMatchObject({ read: 4, unknown: 0 });
    expect(approvals).toMatchObject({ read: 1 });
    expect(cut).toBeNull();
    expect(recordsRead).toBe(3);
  });

  it("tells tokens, actions and approvals that would have gone otherwise, with the rule and how often", async () => {
    const one = (await tryOut(withScope("cloud:read", () => ({ actions: ["none.*"] })))).told;
    expect(one).toEqual([["action", "s3:GetObject", "refused", "insufficient_scope", 1]]);
    const scopes = before.scopes.filter(({ scope }) => scope !== "transactions:read");
    const two = (await tryOut({ ...before, scopes })).told;
    expect(two).toContainEqual(["token", "transactions:read", "refused", "scope_unknown", 1]);
    expect(two).toContainEqual(["action", "transactions.read", "refused", "insufficient_scope", 2]);
    const steps = [{ title: "Two", needs: [{ from: "approvers", votes: 2 }] }];
    const three = (await tryOut(withScope("payments:execute", () => ({ steps })))).told;
    expect(three).toEqual([["approval", "payments:execute", "refused", "votes_missing", 1]]);
    const wide = withScope("transactions:read", ({ actions }) => ({
      actions: [...actions, "payments.execute"],
    }));
    expect((await tryOut(wide)).told).toEqual([
      ["action", "payments.execute", "allowed", "covered_by_scope", 1],
    ]);
  });

  it("tries out a proposal as it was proposed", async () => {
    const admin = await makePerson(system.db, ["admin"]);
    const patch = { scopes: { remove: ["transactions:read"] } };
    const change = { baseVersion: before.version, patch, reason: "Nobody reads" };
    const { proposalId } = await proposePolicy(as(admin), change);
    const { tokens } = await dryRunPolicy(as(analyst), { proposalId });
    expect(tokens.refused).toBe(1);
  });

  it("is run by two at once in a process, and the third is told to come back", async () => {
    const runs = await Promise.allSettled([1, 2, 3].map(() => tryOut(before)));
    expect(runs.filter(({ status }) => status === "fulfilled")).toHaveLength(2);
    const busy = runs.find((it) => it.status === "rejected");
    expect(busy?.reason).toMatchObject({ code: "dry_run_busy", status: 503 });
    await expect(tryOut(before)).resolves.toMatchObject({ cut: null });
  });

  it("reads no further than its bound, and says where and why it ended", async () => {
    await system.db.execute(sql`
      insert into audit_records (id, kind, at, agent_id, actor, body, digest)
      select gen_random_uuid(), 'agent.actions', now() - n * interval '1 second', ${agent.id}, 'flood', '{}', 'x'
      from generate_series(1, 2500) as n`);
    const bounds = { recordsMax: 2_000, readingMsMax: 20_000 };
    const cut = await dryRunPolicy(as(analyst), { document: { ...before } }, bounds);
    expect(cut).toMatchObject({ recordsRead: 2_000, cut: { why: "At most 2000 records are read." } });
    expect(cut.cut?.at.getTime()).toBeLessThan(cut.to.getTime() - 1_900_000);
    const all = await tryOut(before);
    expect(all).toMatchObject({ recordsRead: 2_503, cut: null });
    const hurried = await dryRunPolicy(
      as(analyst),
      { document: { ...before } },
      { ...bounds, readingMsMax: 0 },
    );
    expect(hurried).toMatchObject({ recordsRead: 1_000, cut: { why: "Reading ends after 0 s." } });
  });

  it("says what it could not read where the requests for approvals keep it waiting, and reads the rest", async () => {
    const document = { ...before };
    const bounds = { recordsMax: 1_000, readingMsMax: 20_000 };
    await database.asSuper(async (client) => {
      await client.query("begin");
      await client.query("lock table approvals in access exclusive mode");
      const slow = await dryRunPolicy(as(analyst), { document }, bounds);
      expect(slow).toMatchObject({
        ...{ approvals: { read: 0 }, recordsRead: 1_000 },
        cut: { at: slow.to, why: "The database took too long to answer." },
      });
      await client.query("rollback");
    });
    expect(await dryRunPolicy(as(analyst), { document }, bounds)).toMatchObject({ approvals: { read: 1 } });
  });
});
