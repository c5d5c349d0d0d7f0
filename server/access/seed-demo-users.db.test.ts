import { randomBytes } from "node:crypto";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, it } from "vitest";
import { users } from "../../db/schema/index.ts";
import { answerAuth } from "../trpc/answer-auth.ts";
import { createContext } from "../trpc/create-context.ts";
import { createCaller } from "../trpc/root.ts";
import { createTestConsole, post, type TestConsole } from "../trpc/testing/console.ts";
import { base32Decode, base32Encode, totpCode, totpStep } from "./engine/totp.ts";
import { readApiKey } from "./read-api-key.ts";
import { DEMO_ACCOUNTS, seedDemoUsers } from "./seed-demo-users.ts";

let console: TestConsole;
beforeAll(async () => {
  console = await createTestConsole();
});
afterAll(() => console.close());

const seed = (demo: Partial<TestConsole["runtime"]["env"]["demo"]> = {}) =>
  seedDemoUsers(
    console.runtime.db,
    { ...console.runtime.env, demo: { password: null, totp: null, apiKey: null, ...demo } },
    new Date(),
  );
const signIn = (email: string, password: string) =>
  answerAuth(console.runtime, post("/api/auth/sign-in/email", { email, password }), new Date());

it("makes the six accounts of the contract, which sign in and step up with what it returns", async () => {
  const made = await seed();
  expect(made.accounts.map(({ email, role }) => [email, role])).toEqual(
    DEMO_ACCOUNTS.map(({ email, role }) => [email, role]),
  );
  for (const { email, role } of made.accounts) {
    const answer = await signIn(email, made.password ?? "");
    expect(answer.status).toBe(200);
    const cookie = answer.headers.getSetCookie()[0]?.split(";")[0] ?? "";
    const now = new Date();
    const context = await createContext(console.runtime, new Headers({ cookie }), now);
    expect(context.actor?.roles).toEqual([role]);
    const code = totpCode(base32Decode(made.totp) ?? Buffer.alloc(0), totpStep(now));
    await createCaller(context).access.confirmStepUp({ code });
  }
  const actor = await readApiKey(console.runtime.db, made.apiKey ?? "", new Date());
  expect(actor).toMatchObject({ email: "admin@demo.bank", roles: ["admin"] });
});

it("keeps what is there when called again, and says what it no longer knows", async () => {
  const again = await seed();
  expect([again.password, again.apiKey]).toEqual([null, null]);
  expect(await console.runtime.db.$count(users)).toBe(DEMO_ACCOUNTS.length);
  expect(await console.records("demo.users-seeded")).toHaveLength(1);
});

it("follows the environment where it names something else", async () => {
  const totp = base32Encode(randomBytes(20));
  const wanted = { password: "another password", totp, apiKey: "vk_another-key-of-the-demo" };
  expect(await seed(wanted)).toMatchObject(wanted);
  expect(await seed(wanted)).toMatchObject(wanted);
  expect((await signIn("analyst@demo.bank", wanted.password)).status).toBe(200);
  expect(await readApiKey(console.runtime.db, wanted.apiKey, new Date())).not.toBeNull();
  expect((await seed()).totp).toBe(totp);
  const [row] = await console.runtime.db.select().from(users).where(eq(users.email, "analyst@demo.bank"));
  expect(row?.twoFactorEnabled).toBe(true);
});
