import { randomUUID } from "node:crypto";
import { and, eq, isNotNull, or } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { z } from "zod";
import { agents, approvals, containments, grants } from "../../db/schema/index.ts";
import { ROLES } from "../access/permissions.ts";
import { breakGlass } from "../flows/break-glass.ts";
import { approvalDigest } from "../layers/authorization/engine/approval-digest.ts";
import { makeAgent } from "../layers/authorization/testing/people-and-agents.ts";
import { writePolicy } from "../layers/authorization/testing/write-policy.ts";
import type { Context } from "./context.ts";
import { type Caller, PROCEDURE_CALLERS } from "./procedure-roles.ts";
import { answerRest } from "./rest/answer-rest.ts";
import { restRoutes } from "./rest/routes.ts";
import { appRouter, createCaller } from "./root.ts";
import { contextAs, createTestConsole, post, type TestConsole } from "./testing/console.ts";
import { sampleInput } from "./testing/sample-input.ts";

type Definition = { _def: { type: string; inputs: z.ZodType[] } };
const procedures = appRouter._def.procedures as unknown as Record<string, Definition>;
const changing = Object.keys(procedures).filter((path) => procedures[path]?._def.type === "mutation");
const SCOPE = "payments:execute";

let console: TestConsole;
/** One person with every role there is, and another. */
let alone: { id: string; email: string };
let other: { id: string; email: string };
beforeAll(async () => {
  console = await createTestConsole();
  alone = await console.addUser(ROLES);
  other = await console.addUser(ROLES);
  await writePolicy(console.runtime.db);
});
afterAll(() => console.close());

const as = (who: { id: string }, over: { apiKey?: boolean; steppedUp?: boolean } = {}) =>
  contextAs(console.runtime, ROLES, { id: who.id, ...over });

/** An agent for which `alone` asked for a scope, and a contained one whose release they asked for. */
async function stage(ownerId: string | null = null) {
  const { db } = console.runtime;
  const asker = createCaller(as(alone));
  const agent = await makeAgent(db, { ownerId });
  const wish = { agent: agent.name, scope: SCOPE, durationSeconds: 600, reason: "Month end run" };
  const { approvalId } = await asker.approvals.request(wish);
  const { digest } = await asker.approvals.get({ id: approvalId });
  const stopped = await makeAgent(db, { ownerId });
  const { containmentId } = await asker.containment.contain({
    agentId: stopped.id,
    reason: "It behaves oddly",
  });
  await asker.containment.requestRelease({ containmentId, reason: "It was a test" });
  return { agent, stopped, approvalId, digest, containmentId };
}
type Stage = Awaited<ReturnType<typeof stage>>;

/** What was given or released against four eyes: nothing, ever. */
async function gained({ agent, stopped }: Stage): Promise<unknown[]> {
  const { db } = console.runtime;
  const given = await db
    .select({ scope: grants.scope })
    .from(grants)
    .where(
      and(
        or(eq(grants.agentId, agent.id), eq(grants.agentId, stopped.id)),
        or(isNotNull(grants.approvalId), isNotNull(grants.breakGlassId), eq(grants.scope, SCOPE)),
      ),
    );
  const approved = await db
    .select({ id: approvals.id })
    .from(approvals)
    .where(and(eq(approvals.agentId, agent.id), eq(approvals.status, "approved")));
  const released = await db
    .select({ id: containments.id })
    .from(containments)
    .where(and(eq(containments.agentId, stopped.id), eq(containments.status, "released")));
  const [now] = await db.select({ status: agents.status }).from(agents).where(eq(agents.id, stopped.id));
  return [...given, ...approved, ...released, ...(now?.status === "active" ? [now] : [])];
}

/** The input that a procedure takes, aimed at the stage wherever it names something. */
function aimed(path: string, { agent, stopped, approvalId, digest, containmentId }: Stage): unknown {
  const sample = sampleInput(procedures[path]?._def.inputs[0]);
  if (typeof sample !== "object" || sample === null) return sample;
  const target = path.startsWith("containment.") || path === "agents.setStanding" ? stopped : agent;
  const aim: Record<string, unknown> = {
    ...{ agent: target.name, agentId: target.id, containmentId, approvalId, digest },
    ...{ scope: SCOPE, scopes: [SCOPE], vote: "approve", status: "active", standing: "active" },
    ...(path.startsWith("approvals.") ? { id: approvalId } : {}),
    ...(path.startsWith("agents.") ? { name: target.name } : {}),
  };
  return Object.fromEntries(Object.entries(sample).map(([key, value]) => [key, aim[key] ?? value]));
}

async function call(path: string, context: Context, input: unknown): Promise<string | null> {
  const procedure = path
    .split(".")
    .reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], createCaller(context));
  try {
    await (procedure as (given: unknown) => Promise<unknown>)(input);
    return null;
  } catch (error) {
    const { cause, code } = error as { cause?: { code?: string }; code: string };
    return cause?.code ?? code;
  }
}

describe("second entry point unguarded: nobody alone gives an agent a scope or releases it, through", () => {
  it.each(changing)("%s", async (path) => {
    const stages = await stage();
    const input = aimed(path, stages);
    const code = await call(path, as(alone), input);
    expect(code).not.toBe("internal");
    expect(await gained(stages)).toEqual([]);
  });

  it("any of them with an API key of their own, or as the owner of the agent", async () => {
    for (const path of changing.filter((one) => /^(approvals|containment|glass|grants)\./.test(one))) {
      const owned = await stage(other.id);
      await call(path, as(alone, { apiKey: true }), aimed(path, owned));
      await call(path, as(other, { apiKey: true }), aimed(path, owned));
      await call(path, as(other), aimed(path, owned));
      expect(await gained(owned), path).toEqual([]);
    }
  });

  it("any call of the REST door: what decides has no path there", async () => {
    const listed: Readonly<Record<string, Caller>> = PROCEDURE_CALLERS;
    const routes = restRoutes().filter(({ method }) => method !== "GET");
    expect(routes.filter(({ procedure }) => listed[procedure]?.stepUp)).toEqual([]);
    const stages = await stage();
    const cookie = await console.cookieOf(alone.email);
    for (const { path, procedure } of routes) {
      const input = aimed(procedure, stages) as object;
      const at = path.replace(/\{(\w+)\}/g, (_, key: string) =>
        String((input as Record<string, string>)[key]),
      );
      await answerRest(console.runtime, post(`/api/v1${at}`, input, { cookie }), new Date());
    }
    expect(await gained(stages)).toEqual([]);
  });

  it("the vote, were it not for four eyes: a second person's call with the same input does it", async () => {
    const stages = await stage();
    expect(await call("approvals.vote", as(alone), aimed("approvals.vote", stages))).toBe("vote_refused");
    expect(await call("approvals.vote", as(other), aimed("approvals.vote", stages))).toBeNull();
    expect(await call("containment.release", as(other), aimed("containment.release", stages))).toBeNull();
    expect(await gained(stages)).toHaveLength(4);
  });
});

describe("at the API,", () => {
  it("own API key and a session without a fresh second factor are asked for a person, whoever they are", async () => {
    const stages = await stage();
    for (const context of [as(other, { apiKey: true }), as(other, { steppedUp: false })])
      expect(await call("approvals.vote", context, aimed("approvals.vote", stages))).toBe("step_up_required");
    expect(await gained(stages)).toEqual([]);
  });

  it("a replayed vote, and one for a digest made up, count for nothing", async () => {
    const stages = await stage();
    const forged = { agentId: stages.stopped.id, scope: SCOPE, resource: null };
    const digest = approvalDigest({ ...forged, durationSeconds: 600, policyVersion: 1 });
    const input = { ...(aimed("approvals.vote", stages) as object), digest };
    expect(await call("approvals.vote", as(other), input)).toBe("vote_refused");
    expect(await gained(stages)).toEqual([]);
    expect(await call("approvals.vote", as(other), aimed("approvals.vote", stages))).toBeNull();
    expect(await call("approvals.vote", as(other), aimed("approvals.vote", stages))).toBe("vote_refused");
  });

  it("bypass not shown as approver: what broke glass gave says so in every list, and waits for a review", async () => {
    const { db } = console.runtime;
    const agent = await makeAgent(db);
    await writePolicy(db, {
      breakGlass: { people: [alone.id], secondsMax: 600, reviewWithinSeconds: 3_600 },
    });
    const ctx = as(alone);
    const wish = {
      agent: agent.name,
      scope: SCOPE,
      durationSeconds: 600,
      reason: "Nobody else could be reached",
    };
    const { breakGlassId } = await breakGlass({ db, actor: ctx.actor, now: ctx.now }, wish, "totp");
    const reader = createCaller(as(other));
    const { grants: held } = await reader.grants.list({ agent: agent.name });
    expect(held).toMatchObject([{ breakGlassId, approvalId: null }]);
    const live = await reader.grants.live({ agent: agent.name });
    expect(live.grants).toMatchObject([{ by: "break-glass", grantedByPeople: [{ userId: alone.id }] }]);
    const { uses } = await reader.glass.list({ agent: agent.name });
    expect(uses).toMatchObject([{ id: breakGlassId, review: "waiting", mayReview: { allowed: true } }]);
    const own = createCaller(as(alone));
    const review = { id: breakGlassId, verdict: "justified" as const, reason: "I say so" };
    await expect(own.glass.review(review)).rejects.toMatchObject({ cause: { code: "review_refused" } });
  });

  it("an unknown request is not told from one that may not be seen", async () => {
    const input = { id: randomUUID(), digest: `sha256:${"0".repeat(64)}`, vote: "approve", reason: "Looked" };
    expect(await call("approvals.vote", as(other), input)).toBe("approval_unknown");
  });
});
