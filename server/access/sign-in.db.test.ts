import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sessions, users } from "../../db/schema/index.ts";
import { answerAuth } from "../trpc/answer-auth.ts";
import { answerTrpc } from "../trpc/answer-trpc.ts";
import { createTestConsole, get, PASSWORD, post, type TestConsole } from "../trpc/testing/console.ts";
import { SESSION_HOURS_MAX } from "./auth.ts";
import { liveSessions } from "./live-sessions.ts";
import { readSession, SESSION_IDLE_MINUTES } from "./read-session.ts";

let console: TestConsole;
beforeAll(async () => {
  console = await createTestConsole();
});
afterAll(() => console.close());

const signIn = (body: unknown, headers = {}, now = new Date()) =>
  answerAuth(console.runtime, post("/api/auth/sign-in/email", body, headers), now);
const code = async (response: Response) => ((await response.json()) as { code: string }).code;
const sessionOf = async (cookie: string, now = new Date()) =>
  readSession(await console.runtime.auth(), console.runtime.db, new Headers({ cookie }), now);

describe("signing in", () => {
  it("gives a session whose cookie no script reads, and one audit record", async () => {
    const { email, id } = await console.addUser(["analyst"]);
    const answer = await signIn({ email: email.toUpperCase(), password: PASSWORD });
    expect(answer.status).toBe(200);
    const [cookie = ""] = answer.headers.getSetCookie();
    expect(cookie).toMatch(/^vigil_session=[^;]+; .*HttpOnly/);
    expect(cookie).toMatch(/SameSite=Lax/);
    expect(await answer.text()).not.toContain(cookie.split(";")[0]?.split("=")[1]?.split(".")[0]);
    const found = await sessionOf(cookie.split(";")[0] ?? "");
    expect(found?.actor).toMatchObject({ id, email, roles: ["analyst"] });
    const records = (await console.records("operator.signed-in")).filter(
      (record) => (record.actor as { id: string }).id === id,
    );
    expect(records).toHaveLength(1);
    expect(JSON.stringify(records)).not.toContain(PASSWORD);
  });

  it("leaves no session where the record cannot be written", async () => {
    const { email, id } = await console.addUser(["analyst"]);
    await console.database.asSuper((client) => client.query("revoke insert on audit_records from vigil_app"));
    try {
      expect((await signIn({ email, password: PASSWORD })).status).toBe(500);
    } finally {
      await console.database.asSuper((client) => client.query("grant insert on audit_records to vigil_app"));
    }
    expect(await console.runtime.db.$count(sessions, eq(sessions.userId, id))).toBe(0);
  });

  it("answers a wrong password, an unknown and a disabled account alike", async () => {
    const [person, disabled] = [await console.addUser(["analyst"]), await console.addUser(["analyst"])];
    await console.runtime.db.update(users).set({ disabledAt: new Date() }).where(eq(users.id, disabled.id));
    const answers = await Promise.all([
      signIn({ email: person.email, password: "not the password" }),
      signIn({ email: "nobody@bank.example", password: PASSWORD }),
      signIn({ email: disabled.email, password: PASSWORD }),
    ]);
    const bodies = await Promise.all(answers.map((answer) => answer.text()));
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401]);
    expect(new Set(bodies).size).toBe(1);
    for (const answer of answers) expect(answer.headers.getSetCookie()).toEqual([]);
    expect(await console.runtime.db.$count(sessions, eq(sessions.userId, disabled.id))).toBe(0);
    const refused = await console.records("operator.sign-in-refused");
    expect(refused.map(({ outcome }) => outcome)).toEqual(["deny", "deny", "deny"]);
  });

  it("makes an account wait after ten wrong passwords from one place, not its neighbours", async () => {
    const [person, neighbour] = [await console.addUser(["analyst"]), await console.addUser(["analyst"])];
    const now = new Date();
    for (let attempt = 0; attempt < 10; attempt++)
      expect((await signIn({ email: person.email, password: "wrong" }, {}, now)).status).toBe(401);
    const refused = await signIn({ email: person.email, password: PASSWORD }, {}, now);
    expect([refused.status, await code(refused)]).toEqual([429, "too_many_attempts"]);
    expect(refused.headers.get("retry-after")).toBeTruthy();
    expect((await signIn({ email: neighbour.email, password: PASSWORD }, {}, now)).status).toBe(200);
    const later = new Date(now.getTime() + 16 * 60_000);
    expect((await signIn({ email: person.email, password: PASSWORD }, {}, later)).status).toBe(200);
  });

  it("looks at ten guesses, however many come at once, and at none of an account that waits", async () => {
    const person = await console.addUser(["analyst"]);
    const now = new Date();
    const guesses = Array.from({ length: 30 }, () =>
      signIn({ email: person.email, password: "wrong" }, {}, now),
    );
    const statuses = (await Promise.all(guesses)).map(({ status }) => status).sort();
    expect(statuses).toEqual([...Array(10).fill(401), ...Array(20).fill(429)]);
    expect((await signIn({ email: person.email, password: PASSWORD }, {}, now)).status).toBe(429);
  });

  it("counts no right password: twelve sign-ins in a row are twelve sessions", async () => {
    const person = await console.addUser(["analyst"]);
    for (let attempt = 0; attempt < 12; attempt++)
      expect((await signIn({ email: person.email, password: PASSWORD })).status).toBe(200);
  });

  it("writes few records for many sign-ins to accounts that do not exist, and says how many more there were", async () => {
    const now = new Date(Date.now() + 3_600_000);
    const before = (await console.records("operator.sign-in-refused")).length;
    for (let attempt = 0; attempt < 20; attempt++)
      await signIn({ email: `guess${attempt}@bank.example`, password: "x" }, {}, now);
    expect((await console.records("operator.sign-in-refused")).length - before).toBe(6);
    await signIn({ email: "late@bank.example", password: "x" }, {}, new Date(now.getTime() + 61_000));
    const last = (await console.records("operator.sign-in-refused")).at(-1);
    expect(last?.details).toMatchObject({ account: "unknown", unrecorded: 14 });
    expect(JSON.stringify(last)).not.toContain("late@bank.example");
  });

  it("opens nothing else of the sign-in library", async () => {
    for (const path of [
      "/sign-up/email",
      "/update-user",
      "/change-password",
      "/list-sessions",
      "/delete-user",
    ]) {
      const answer = await answerAuth(console.runtime, post(`/api/auth${path}`, {}), new Date());
      expect([answer.status, await code(answer)]).toEqual([404, "no_such_call"]);
    }
  });
});

describe("a session", () => {
  it("ends at sign-out for every holder of the cookie, with a record", async () => {
    const { email } = await console.addUser(["analyst"]);
    const cookie = await console.cookieOf(email);
    const answer = await answerAuth(console.runtime, post("/api/auth/sign-out", {}, { cookie }), new Date());
    expect(answer.headers.getSetCookie()[0]).toMatch(/^vigil_session=; .*Max-Age=0/);
    expect(await sessionOf(cookie)).toBeNull();
    const refused = await answerTrpc(console.runtime, get("/api/trpc/access.me", { cookie }), new Date());
    expect(refused.status).toBe(401);
    expect((await console.records("operator.signed-out")).at(-1)?.actor).toMatchObject({ name: email });
  });

  it("is not opened by a cookie whose signature or token was changed", async () => {
    const { email } = await console.addUser(["analyst"]);
    const cookie = await console.cookieOf(email);
    expect(await sessionOf(cookie)).not.toBeNull();
    const [name = "", value = ""] = cookie.split("=");
    const text = decodeURIComponent(value);
    const [token = "", signature = ""] = text.split(".");
    for (const forged of [token, `${token}.`, `${token}x.${signature}`, `x${token.slice(1)}.${signature}`])
      expect(await sessionOf(`${name}=${encodeURIComponent(forged)}`)).toBeNull();
  });

  it("ends when idle, when old, and when its person is disabled", async () => {
    const { email, id } = await console.addUser(["analyst"]);
    const cookie = await console.cookieOf(email);
    const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000);
    expect(await sessionOf(cookie, inMinutes(SESSION_IDLE_MINUTES + 1))).toBeNull();
    expect(await sessionOf(cookie, inMinutes(SESSION_HOURS_MAX * 60 + 1))).toBeNull();
    expect(await sessionOf(cookie)).not.toBeNull();
    const ids = new Set([(await sessionOf(cookie))?.session.id ?? ""]);
    const streams = async (minutes: number) =>
      (await liveSessions(console.runtime.db, ids, inMinutes(minutes))).size;
    expect(await streams(1)).toBe(1);
    expect(await streams(SESSION_IDLE_MINUTES + 1)).toBe(0);
    await console.runtime.db.update(users).set({ disabledAt: new Date() }).where(eq(users.id, id));
    expect(await sessionOf(cookie)).toBeNull();
    expect(await streams(1)).toBe(0);
  });

  it("carries the roles its person has now, and none that Vigil does not know", async () => {
    const { email, id } = await console.addUser(["analyst"]);
    const cookie = await console.cookieOf(email);
    await console.runtime.db.update(users).set({ roles: "auditor,root" }).where(eq(users.id, id));
    expect((await sessionOf(cookie))?.actor.roles).toEqual(["auditor"]);
  });
});
