import { randomBytes } from "node:crypto";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, it } from "vitest";
import { sessions, twoFactors } from "../../db/schema/index.ts";
import { createContext } from "../trpc/create-context.ts";
import { createCaller } from "../trpc/root.ts";
import { contextAs, createTestConsole, type TestConsole } from "../trpc/testing/console.ts";
import { confirmStepUp } from "./confirm-step-up.ts";
import { base32Decode, totpCode, totpStep } from "./engine/totp.ts";
import type { Role } from "./permissions.ts";
import { STEP_UP_MINUTES, stepUpOf } from "./step-up.ts";
import { sealTotpSecret } from "./totp-secret.ts";

let console: TestConsole;
beforeAll(async () => {
  console = await createTestConsole();
});
afterAll(() => console.close());

/** A person with a second factor and a session. */
async function enrolled(roles: readonly Role[] = ["approver"]) {
  const { id, email } = await console.addUser(roles);
  const seed = randomBytes(20);
  await console.runtime.db.insert(twoFactors).values({
    id,
    userId: id,
    secret: sealTotpSecret(console.runtime.env, id, seed),
    backupCodes: "",
    verified: true,
  });
  const cookie = await console.cookieOf(email);
  const context = async (now = new Date()) => createContext(console.runtime, new Headers({ cookie }), now);
  const stepUp = async (code: string, now = new Date()) =>
    createCaller(await context(now)).access.confirmStepUp({ code });
  return { id, email, seed, cookie, context, stepUp };
}

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => null,
    (error: { cause?: { code?: string } }) => error.cause?.code,
  );

it("a right code stamps the session for five minutes, on record", async () => {
  const person = await enrolled();
  const now = new Date();
  await person.stepUp(totpCode(person.seed, totpStep(now)), now);
  const { session } = await person.context();
  expect(stepUpOf(session, now)).toBe("totp");
  const end = new Date(now.getTime() + STEP_UP_MINUTES * 60_000);
  expect(stepUpOf(session, end)).toBe("totp");
  expect(() => stepUpOf(session, new Date(end.getTime() + 1))).toThrow(/authenticator/);
  expect(() => stepUpOf(session, new Date(now.getTime() - 1))).toThrow(/authenticator/);
  const mine = (await console.records("operator.step-up")).filter(
    (record) => (record.actor as { id: string }).id === person.id,
  );
  expect(mine.map(({ outcome }) => outcome)).toEqual(["allow"]);
});

it("a code counts once, whatever the session, and however many try it at once", async () => {
  const person = await enrolled();
  const other = await console.cookieOf(person.email);
  const now = new Date();
  const code = totpCode(person.seed, totpStep(now));
  const elsewhere = await createContext(console.runtime, new Headers({ cookie: other }), now);
  const answers = await Promise.all([
    ...Array.from({ length: 4 }, () => codeOf(person.stepUp(code, now))),
    codeOf(createCaller(elsewhere).access.confirmStepUp({ code })),
  ]);
  expect(answers.filter((answer) => answer === null)).toHaveLength(1);
  expect(answers.filter((answer) => answer !== null)).toEqual(Array(4).fill("totp_replayed"));
});

it("the step before and after count, each once; another person's code does not", async () => {
  const [person, stranger] = [await enrolled(), await enrolled()];
  const now = new Date();
  expect(await codeOf(person.stepUp(totpCode(stranger.seed, totpStep(now)), now))).toBe("totp_wrong");
  for (const drift of [-1, 1])
    expect(await codeOf(person.stepUp(totpCode(person.seed, totpStep(now) + drift), now))).toBeNull();
  expect(await codeOf(person.stepUp(totpCode(person.seed, totpStep(now) - 2), now))).toBe("totp_wrong");
});

it("five wrong codes in a row make even the right one wait, also when they come at once", async () => {
  const person = await enrolled();
  const now = new Date();
  const right = totpCode(person.seed, totpStep(now));
  const wrong = right === "000000" ? "000001" : "000000";
  const answers = await Promise.all(Array.from({ length: 8 }, () => codeOf(person.stepUp(wrong, now))));
  expect(answers.filter((answer) => answer === "totp_wrong")).toHaveLength(5);
  expect(answers.filter((answer) => answer === "totp_locked")).toHaveLength(3);
  expect(await codeOf(person.stepUp(right, now))).toBe("totp_locked");
  const later = new Date(now.getTime() + 31_000);
  expect(await codeOf(person.stepUp(totpCode(person.seed, totpStep(later)), later))).toBeNull();
  const refused = (await console.records("operator.step-up")).filter(
    (record) => (record.actor as { id: string }).id === person.id && record.outcome === "deny",
  );
  expect(refused).toHaveLength(5);
});

it("an API key, a session that ended and a person without a factor cannot step up", async () => {
  const person = await enrolled();
  const now = new Date();
  const code = totpCode(person.seed, totpStep(now));
  const key = contextAs(console.runtime, ["approver"], { id: person.id, apiKey: true });
  expect(await codeOf(createCaller(key).access.confirmStepUp({ code }))).toBe("step_up_needs_session");
  const { actor, session } = await person.context(now);
  await console.runtime.db.delete(sessions).where(eq(sessions.userId, person.id));
  const stale = { ...console.runtime, actor: actor ?? key.actor, now, session };
  await expect(confirmStepUp(stale, { code })).rejects.toMatchObject({ code: "session_ended" });
  const bare = await console.addUser(["approver"]);
  const context = await createContext(
    console.runtime,
    new Headers({ cookie: await console.cookieOf(bare.email) }),
    now,
  );
  expect(await codeOf(createCaller(context).access.confirmStepUp({ code }))).toBe("totp_not_enrolled");
});

it("a seed moved to another person's row opens nothing", async () => {
  const [victim, thief] = [await enrolled(), await enrolled()];
  const { db } = console.runtime;
  const [own] = await db.select().from(twoFactors).where(eq(twoFactors.userId, thief.id));
  await db
    .update(twoFactors)
    .set({ secret: own?.secret ?? "" })
    .where(eq(twoFactors.userId, victim.id));
  const now = new Date();
  expect(await codeOf(victim.stepUp(totpCode(thief.seed, totpStep(now)), now))).toBe(
    "sealed_blob_unopenable",
  );
});

it("a person enrols once: the seed is shown once and replaced by nobody but an administrator", async () => {
  const { email, id } = await console.addUser(["approver"]);
  const cookie = await console.cookieOf(email);
  const now = new Date();
  const caller = createCaller(await createContext(console.runtime, new Headers({ cookie }), now));
  const first = await caller.access.startTotp();
  const second = await caller.access.startTotp();
  const code = (secret: string) => totpCode(base32Decode(secret) ?? Buffer.alloc(0), totpStep(now));
  if (code(first.secret) !== code(second.secret))
    expect(await codeOf(caller.access.confirmTotp({ code: code(first.secret) }))).toBe("totp_wrong");
  expect(second.uri).toContain(`secret=${second.secret}&issuer=Vigil`);
  await caller.access.confirmTotp({ code: code(second.secret) });
  expect(await codeOf(caller.access.startTotp())).toBe("totp_enrolled");
  const [row] = await console.runtime.db.select().from(twoFactors).where(eq(twoFactors.userId, id));
  expect(row?.secret).not.toContain(second.secret);
  const admin = await console.addUser(["admin"]);
  await createCaller(contextAs(console.runtime, ["admin"], { id: admin.id })).users.resetTotp({ userId: id });
  const after = await createContext(console.runtime, new Headers({ cookie }), new Date());
  expect(after.actor).toBeNull();
});
