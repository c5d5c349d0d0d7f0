import { setTimeout as wait } from "node:timers/promises";
import { and, eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createDatabase, type Database } from "../../db/client.ts";
import { listen } from "../../db/listen.ts";
import { authorities, credentials } from "../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import { serveRoot } from "../flows/serve-root.ts";
import type { Actor } from "../kernel/actor.ts";
import { present } from "../kernel/ensure.ts";
import { activateAuthority } from "../layers/identity/activate-authority.ts";
import { listAuthorities } from "../layers/identity/list-authorities.ts";
import { listDependents } from "../layers/identity/list-dependents.ts";
import { prepareAuthority } from "../layers/identity/prepare-authority.ts";
import { revokeAuthority } from "../layers/identity/revoke-authority.ts";
import type { Issuer } from "../layers/identity/schema.ts";
import { taintAuthority } from "../layers/identity/taint-authority.ts";
import { type System, startSystem } from "./testing/start-system.ts";
import { connect, makeAgent, send, type TestAgent } from "./testing/test-agent.ts";

const ADMIN: Actor = { type: "operator", id: "adm", email: "adm@bank", roles: ["admin"], sessionId: null };
/** Agents that act some times a second, as real ones do. */
const PACE_MS = 10;
const reason = "the key's module is replaced";
let database: TestDatabase;
let system: System;
let owner: Database;
let stopRoot: () => Promise<void>;

beforeAll(async () => {
  database = await createTestDatabase();
  system = await startSystem(database.urls);
  owner = createDatabase(database.urls.owner, { applicationName: "vigil-root", poolSize: 2 });
  const kek = present(system.env.kek, "the key-encryption key");
  const root = listen(database.urls.owner, {
    onNotice: ({ key }) => key === "authority" && void serveRoot(owner, kek, new Date()),
    onReconnect: () => undefined,
  });
  stopRoot = root.close;
});
afterAll(async () => {
  await stopRoot();
  await owner.$client.end();
  await system.close();
  await database.close();
});

const ctx = (actor = ADMIN) => ({ db: system.db, actor, now: new Date() });
const ofPurpose = async (purpose: Issuer, status: string) =>
  (await listAuthorities(ctx())).authorities.find((it) => it.purpose === purpose && it.status === status);

/** Prepared, and activated as soon as the doors allow it. */
async function replace(purpose: Issuer): Promise<{ before: string; after: string }> {
  const before = present(await ofPurpose(purpose, "active"), "who signs now").id;
  await prepareAuthority(ctx(), { purpose, reason });
  const after = await vi.waitFor(
    async () => present(await ofPurpose(purpose, "prepared"), "the new one").id,
    10_000,
  );
  await vi.waitFor(() => activateAuthority(ctx(), { authorityId: after }), 10_000);
  return { before, after };
}

/** Reports one action after the other, each over the pool, until told to stop; every answer is kept. */
function keepReporting(agents: readonly TestAgent[]) {
  const answers: (number | string)[] = [];
  let stopped = false;
  const lanes = agents.map(async ({ sdk }) => {
    while (!stopped) {
      const action = { action: "transactions.read", at: new Date().toISOString() };
      await sdk.report([action]).then(
        (answer) => answers.push(answer.admitted),
        (error: Error) => answers.push(error.message),
      );
      await wait(PACE_MS);
    }
  });
  return {
    answers,
    stop: async () => {
      stopped = true;
      await Promise.all(lanes);
    },
  };
}

test("the transport authority is replaced under load: nobody is refused, and everybody moves by being asked", async () => {
  const agents = await Promise.all(["mover-1", "mover-2", "mover-3"].map((name) => makeAgent(system, name)));
  const load = keepReporting(agents);
  await vi.waitFor(() => expect(load.answers.length).toBeGreaterThan(20), 10_000);
  const { before, after } = await replace("transport");
  const issuedBy = async (authorityId: string) =>
    system.db
      .select({ agentId: credentials.agentId })
      .from(credentials)
      .where(and(eq(credentials.authorityId, authorityId), eq(credentials.purpose, "transport")));
  expect((await listDependents(ctx(), { authorityId: before })).total).toBe(3);

  await taintAuthority(ctx(), { authorityId: before, reason });
  await vi.waitFor(async () => expect((await listDependents(ctx(), { authorityId: before })).total).toBe(0), {
    timeout: 20_000,
  });
  expect(await issuedBy(after)).toHaveLength(3);
  expect(await revokeAuthority(ctx(), { authorityId: before, reason, acceptedBreaks: 0 })).toEqual({
    agents: 3,
  });

  const atRevocation = load.answers.length;
  await vi.waitFor(() => expect(load.answers.length).toBeGreaterThan(atRevocation + 30), 10_000);
  await load.stop();
  expect(load.answers.filter((answer) => answer !== 1).join(" | ")).toBe("");
  for (const agent of agents) await agent.close();
}, 60_000);

test("whoever did not move is cut off at the revocation, and nobody else", async () => {
  const stays = await makeAgent(system, "stays-behind");
  const signed = await stays.sign(
    JSON.stringify([{ action: "transactions.read", at: new Date().toISOString() }]),
  );
  const held = connect(stays.rootPem, stays.credential("transport"));
  const url = `${system.env.gatewayUrl}/v1/actions`;
  await stays.close();
  expect((await send(held, url, signed)).status).toBe(202);
  const { before } = await replace("transport");
  await taintAuthority(ctx(), { authorityId: before, reason });

  const page = await listDependents(ctx(), { authorityId: before });
  expect(page.dependents.map((it) => it.agentName)).toContain("stays-behind");
  await expect(
    revokeAuthority(ctx(), { authorityId: before, reason, acceptedBreaks: 0 }),
  ).rejects.toMatchObject({
    code: "authority_step_refused",
    facts: { check: "breaks-accepted" },
  });
  await revokeAuthority(ctx(), { authorityId: before, reason, acceptedBreaks: page.total });

  await expect(
    vi.waitFor(async () => {
      const again = await stays.sign("[]", { token: "x" });
      await expect(send(held, url, again)).rejects.toThrow();
    }, 5_000),
  ).resolves.toBeUndefined();
  held.destroy();
  const moved = await makeAgent(system, "comes-later");
  expect(
    (await moved.sdk.report([{ action: "transactions.read", at: new Date().toISOString() }])).admitted,
  ).toBe(1);
  await moved.close();
}, 60_000);

test("a renewal is asked for in every answer, of the purpose at stake alone, and a new key answers it", async () => {
  const agent = await makeAgent(system, "signs-anew");
  const keyBefore = agent.credential("signature").keyId;
  const { before } = await replace("signature");
  await taintAuthority(ctx(), { authorityId: before, reason });
  const held = connect(agent.rootPem, agent.credential("transport"));
  const url = `${system.env.gatewayUrl}/v1/actions`;
  await vi.waitFor(async () => {
    const answer = await send(held, url, await agent.sign("[]", { token: "none" }));
    expect(answer.headers["vigil-renew"]).toBe("signature");
  }, 5_000);
  held.destroy();
  await agent.sdk.report([{ action: "transactions.read", at: new Date().toISOString() }]);
  await vi.waitFor(() => expect(agent.credential("signature").keyId).not.toBe(keyBefore), 10_000);
  const { admitted } = await agent.sdk.report([
    { action: "transactions.read", at: new Date().toISOString() },
  ]);
  expect(admitted).toBe(1);
  await agent.close();
}, 60_000);

test("an authority that no gateway trusts yet does not sign", async () => {
  await prepareAuthority(ctx(), { purpose: "transport", reason });
  const prepared = await vi.waitFor(
    async () => present(await ofPurpose("transport", "prepared"), "it"),
    10_000,
  );
  await database.asSuper((client) =>
    client.query(
      "insert into processes (id, role, started_at, seen_at, detail) values ('gateway-behind', 'gateway', now(), now() + interval '1 minute', $1)",
      [{ trusts: [] }],
    ),
  );
  await expect(activateAuthority(ctx(), { authorityId: prepared.id })).rejects.toMatchObject({
    code: "authority_step_refused",
    message: expect.stringContaining("gateway-behind"),
  });
  await database.asSuper((client) => client.query("delete from processes where id = 'gateway-behind'"));
  await revokeAuthority(ctx(), { authorityId: prepared.id, reason, acceptedBreaks: 0 });
});

test("the doors' own certificate follows its authority, and connections that are open stay", async () => {
  const agent = await makeAgent(system, "door-watcher");
  const { before } = await replace("server");
  await vi.waitFor(
    async () =>
      expect((await listAuthorities(ctx())).authorities.find((it) => it.id === before)?.dependents).toBe(0),
    10_000,
  );
  expect(
    (await agent.sdk.report([{ action: "transactions.read", at: new Date().toISOString() }])).admitted,
  ).toBe(1);
  await agent.close();
  const late = await makeAgent(system, "door-newcomer");
  expect(
    (await late.sdk.report([{ action: "transactions.read", at: new Date().toISOString() }])).admitted,
  ).toBe(1);
  await late.close();
}, 30_000);

test("two people who activate at once leave one that signs", async () => {
  await prepareAuthority(ctx(), { purpose: "oauth", reason });
  const { id } = await vi.waitFor(async () => present(await ofPurpose("oauth", "prepared"), "it"), 10_000);
  const both = await Promise.allSettled([1, 2].map(() => activateAuthority(ctx(), { authorityId: id })));
  expect(both.filter((it) => it.status === "fulfilled")).toHaveLength(1);
  const active = await system.db
    .select()
    .from(authorities)
    .where(and(eq(authorities.purpose, "oauth"), eq(authorities.status, "active")));
  expect(active).toHaveLength(1);
});
