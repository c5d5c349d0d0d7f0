import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accounts, apiKeys, sessions, setupLinks, users } from "../../db/schema/index.ts";
import { createContext } from "../trpc/create-context.ts";
import { answerRest } from "../trpc/rest/answer-rest.ts";
import { createCaller } from "../trpc/root.ts";
import { contextAs, createTestConsole, get, type TestConsole } from "../trpc/testing/console.ts";
import { completeSetup } from "./complete-setup.ts";
import { createSetupLink } from "./create-setup-link.ts";
import type { Role } from "./permissions.ts";
import { readApiKey } from "./read-api-key.ts";

let console: TestConsole;
beforeAll(async () => {
  console = await createTestConsole();
});
afterAll(() => console.close());

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => null,
    (error: { code?: string; cause?: { code?: string } }) => error.cause?.code ?? error.code,
  );
const as = async (roles: readonly Role[]) => {
  const { id } = await console.addUser(roles);
  return { id, caller: createCaller(contextAs(console.runtime, roles, { id })) };
};

/** First, while the database has no users. */
describe("the set-up link", () => {
  const person = { name: "Ada Bauer", email: "ada@bank.example", password: "a long enough password" };

  it("is kept as a hash, replaces the one before, and ends after a day", async () => {
    const { db } = console.runtime;
    const now = new Date();
    const [first, second] = [await createSetupLink(db, now), await createSetupLink(db, now)];
    const rows = await db.select().from(setupLinks);
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain(second);
    const setUp = (token: string, at: Date) => codeOf(completeSetup({ db, now: at }, { token, ...person }));
    expect(await setUp(first, now)).toBe("setup_link_invalid");
    expect(await setUp("x".repeat(43), now)).toBe("setup_link_invalid");
    expect(await setUp(second, new Date(now.getTime() + 24 * 3_600_000))).toBe("setup_link_invalid");
    expect(await db.$count(users)).toBe(0);
  });

  it("makes one administrator, however many use it at once, and never another", async () => {
    const { db } = console.runtime;
    const now = new Date();
    const token = await createSetupLink(db, now);
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        codeOf(completeSetup({ db, now }, { token, ...person, email: `ada${index}@bank.example` })),
      ),
    );
    expect(answers.filter((answer) => answer === null)).toHaveLength(1);
    const made = await db.select().from(users);
    expect(made.map(({ roles }) => roles)).toEqual(["admin"]);
    expect(await console.records("user.created")).toHaveLength(1);
    expect(await codeOf(createSetupLink(db, now))).toBe("already_set_up");
    expect(await codeOf(completeSetup({ db, now }, { token, ...person }))).toBe("setup_link_invalid");
  });
});

describe("managing users", () => {
  it("is refused to every role but the administrator's", async () => {
    for (const role of ["analyst", "approver", "compliance", "auditor"] as const) {
      const { caller } = await as([role]);
      const roles: Role[] = ["admin"];
      expect(await codeOf(caller.users.create({ name: "X", email: "x@bank.example", roles }))).toBe(
        "not_permitted",
      );
    }
  });

  it("gives a new person a temporary password that works, and is recorded without it", async () => {
    const { caller } = await as(["admin"]);
    const email = "NEW@bank.example";
    const { userId, temporaryPassword } = await caller.users.create({
      name: "New",
      email,
      roles: ["analyst"],
    });
    const [account] = await console.runtime.db.select().from(accounts).where(eq(accounts.userId, userId));
    expect(account?.password).not.toContain(temporaryPassword);
    expect(
      await codeOf(caller.users.create({ name: "New", email: "new@BANK.example", roles: ["auditor"] })),
    ).toBe("email_taken");
    const record = (await console.records("user.created")).at(-1);
    expect(record?.details).toMatchObject({ userId, email: "new@bank.example", roles: ["analyst"] });
    expect(JSON.stringify(record)).not.toContain(temporaryPassword);
  });

  it("lets nobody change their own roles, disable themselves or drop their own factor", async () => {
    const { id, caller } = await as(["admin"]);
    expect(await codeOf(caller.users.changeRoles({ userId: id, roles: ["admin", "approver"] }))).toBe(
      "own_roles",
    );
    expect(await codeOf(caller.users.disable({ userId: id }))).toBe("own_account");
    expect(await codeOf(caller.users.resetTotp({ userId: id }))).toBe("own_account");
  });

  it("records roles before and after, and refuses a role that does not exist", async () => {
    const { caller } = await as(["admin"]);
    const { id } = await console.addUser(["analyst"]);
    await caller.users.changeRoles({ userId: id, roles: ["auditor"] });
    const record = (await console.records("user.roles-changed")).at(-1);
    expect(record?.details).toMatchObject({ userId: id, from: ["analyst"], to: ["auditor"] });
    expect(await codeOf(caller.users.changeRoles({ userId: id, roles: ["root" as Role] }))).toBe(
      "BAD_REQUEST",
    );
    expect(await codeOf(caller.users.changeRoles({ userId: "nobody", roles: ["auditor"] }))).toBe(
      "user_unknown",
    );
  });

  it("disabling ends sessions and keys at once; of two at once, one does it", async () => {
    const { caller } = await as(["admin"]);
    const { id, email } = await console.addUser(["analyst"]);
    const cookie = await console.cookieOf(email);
    const owner = createCaller(contextAs(console.runtime, ["analyst"], { id }));
    const { key } = await owner.access.createApiKey({ name: "script" });
    const answers = await Promise.all([1, 2].map(() => codeOf(caller.users.disable({ userId: id }))));
    expect(answers.sort()).toEqual([null, "user_not_active"].sort());
    expect(await console.runtime.db.$count(sessions, eq(sessions.userId, id))).toBe(0);
    const gone = await createContext(console.runtime, new Headers({ cookie }), new Date());
    expect(gone.actor).toBeNull();
    expect(await readApiKey(console.runtime.db, key, new Date())).toBeNull();
    expect((await console.records("user.disabled")).at(-1)?.details).toMatchObject({
      userId: id,
      sessionsEnded: 1,
    });
    await caller.users.enable({ userId: id });
    expect(await readApiKey(console.runtime.db, key, new Date())).not.toBeNull();
  });
});

describe("an API key", () => {
  const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

  it("is kept as a hash, speaks for its owner with the roles of the moment, and is recorded", async () => {
    const { id, caller } = await as(["analyst"]);
    const { key, id: keyId } = await caller.access.createApiKey({ name: "script" });
    expect(key).toMatch(/^vk_[\w-]{43}$/);
    const [row] = await console.runtime.db.select().from(apiKeys).where(eq(apiKeys.id, keyId));
    expect(JSON.stringify(row)).not.toContain(key.slice(3));
    expect(row?.keyHash.includes(Buffer.from(key))).toBe(false);
    await console.runtime.db.update(users).set({ roles: "auditor" }).where(eq(users.id, id));
    const actor = await readApiKey(console.runtime.db, key, new Date());
    expect(actor).toMatchObject({ id, roles: ["auditor"], sessionId: null, apiKeyId: keyId });
    const record = (await console.records("api-key.created")).at(-1);
    expect(record?.details).toMatchObject({ keyId, name: "script" });
    expect(JSON.stringify(record)).not.toContain(key);
  });

  it("opens the REST door, and nothing when wrong, revoked, expired or beside a good cookie", async () => {
    const { caller } = await as(["analyst"]);
    const { email } = await console.addUser(["analyst"]);
    const cookie = await console.cookieOf(email);
    const { key, id, expiresAt } = await caller.access.createApiKey({ name: "script", expiresInDays: 1 });
    const ask = async (headers: Record<string, string>, now = new Date()) =>
      (await answerRest(console.runtime, get("/api/v1/agents", headers), now)).status;
    expect(await ask(bearer(key))).toBe(200);
    expect(await ask({ cookie })).toBe(200);
    expect(await ask({})).toBe(401);
    expect(await ask(bearer(`${key}x`))).toBe(401);
    expect(await ask({ ...bearer("vk_wrong"), cookie })).toBe(401);
    expect(await ask(bearer(key), expiresAt)).toBe(401);
    await caller.access.revokeApiKey({ id });
    expect(await ask(bearer(key))).toBe(401);
    expect(await codeOf(caller.access.revokeApiKey({ id }))).toBe("api_key_revoked");
  });

  it("is one's own: no administrator gets a key that acts in another's name", async () => {
    const [analyst, admin] = [await as(["analyst"]), await as(["admin", "approver"])];
    const wanted = { name: "script", userId: analyst.id } as { name: string };
    expect(await codeOf(admin.caller.access.createApiKey(wanted))).toBe("BAD_REQUEST");
    expect(await console.runtime.db.$count(apiKeys, eq(apiKeys.userId, analyst.id))).toBe(0);
  });

  it("is seen and revoked by its owner and by administrators", async () => {
    const [analyst, admin] = [await as(["analyst"]), await as(["admin"])];
    const { id } = await analyst.caller.access.createApiKey({ name: "script" });
    const other = await as(["compliance"]);
    expect((await other.caller.access.apiKeys()).map((key) => key.id)).not.toContain(id);
    expect((await admin.caller.access.apiKeys()).map((key) => key.id)).toContain(id);
    expect(await codeOf(other.caller.access.revokeApiKey({ id }))).toBe("not_permitted");
    expect(await codeOf(admin.caller.access.revokeApiKey({ id }))).toBeNull();
  });
});
