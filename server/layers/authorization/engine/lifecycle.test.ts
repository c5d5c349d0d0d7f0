import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LIFECYCLE_STAGES } from "../schema.ts";
import { type LifecycleFacts, lifecycleOf } from "./lifecycle.ts";

const NOW = new Date("2026-11-23T12:00:00Z");
const at = (minutes: number) => new Date(NOW.getTime() + minutes * 60_000);
const APPROVAL = { status: "pending", requestedAt: at(-60), expiresAt: at(60), decidedAt: null };
const GRANT = {
  ...{ grantedAt: at(-30), expiresAt: at(30), activatedAt: null, lastUsedAt: null, revokedAt: null },
};
const facts = (over: Partial<LifecycleFacts> = {}): LifecycleFacts => ({
  ...{ approval: APPROVAL, votedAt: [], grant: null, now: NOW },
  ...over,
});
const approval = (over: Partial<LifecycleFacts["approval"]>) => ({ approval: { ...APPROVAL, ...over } });
const given = (over: Partial<NonNullable<LifecycleFacts["grant"]>> = {}, votedAt = [at(-30)]) => ({
  ...approval({ status: "approved", decidedAt: at(-30) }),
  ...{ votedAt, grant: { ...GRANT, ...over } },
});
const states = (of: Partial<LifecycleFacts>) => lifecycleOf(facts(of)).steps.map(({ state }) => state);

describe("where a request stands", () => {
  it.each<[string, Partial<LifecycleFacts>, string]>([
    ["waits for its first vote", {}, "requested"],
    ["waits for more votes", { votedAt: [at(-1)] }, "in-review"],
    ["was denied", approval({ status: "denied", decidedAt: at(-1) }), "denied"],
    ["was taken back", approval({ status: "withdrawn", decidedAt: at(-1) }), "withdrawn"],
    ["was not answered", approval({ status: "expired", decidedAt: at(-1) }), "unanswered"],
    ["is over a moment before the duty says so", approval({ expiresAt: NOW }), "unanswered"],
    ["gave what nobody has used", given(), "granted"],
    ["gave what is in use", given({ activatedAt: at(-20) }), "activated"],
    ["gave what has ended", given({ expiresAt: NOW, activatedAt: at(-20) }), "expired"],
    ["gave what ended unused", given({ expiresAt: at(-1) }), "expired"],
    ["gave what was taken back", given({ revokedAt: at(-1) }), "revoked"],
    [
      "gave what was taken back and would have ended",
      given({ revokedAt: at(-9), expiresAt: at(-1) }),
      "revoked",
    ],
  ])("that %s", (_what, of, stage) => expect(lifecycleOf(facts(of)).stage).toBe(stage));
});

describe("its steps", () => {
  it("are done one after the other, and what cannot come any more is never", () => {
    expect(states({})).toEqual(["done", "later", "later", "later", "later"]);
    expect(states({ votedAt: [at(-1)] })).toEqual(["done", "now", "later", "later", "later"]);
    expect(states(approval({ status: "denied", decidedAt: at(-1) }))).toEqual([
      ...["done", "done", "never", "never", "never"],
    ]);
    expect(states(approval({ status: "expired", decidedAt: at(-1) }))).toEqual([
      ...["done", "never", "never", "never", "never"],
    ]);
    expect(states(given())).toEqual(["done", "done", "done", "now", "later"]);
    expect(states(given({ activatedAt: at(-20) }))).toEqual(["done", "done", "done", "done", "later"]);
    expect(states(given({ expiresAt: at(-1) }))).toEqual(["done", "done", "done", "never", "done"]);
  });

  it("say when: the end is the revocation where there was one", () => {
    const revoked = lifecycleOf(
      facts(given({ revokedAt: at(-5), activatedAt: at(-20), lastUsedAt: at(-6) })),
    );
    expect(revoked.steps.map((step) => step.at)).toEqual([at(-60), at(-30), at(-30), at(-20), at(-5)]);
    expect(revoked).toMatchObject({ live: false, used: true, lastUsedAt: at(-6), endsAt: at(-5) });
  });
});

it("answers whether it was used and whether it lives, of everything that can be", () => {
  const someDate = fc.option(fc.integer({ min: -90, max: 90 }).map(at));
  fc.assert(
    fc.property(
      fc.constantFrom("pending", "approved", "denied", "expired", "withdrawn"),
      fc.option(
        fc.record({
          ...{ grantedAt: fc.constant(at(-90)), expiresAt: someDate, activatedAt: someDate },
          ...{ lastUsedAt: someDate, revokedAt: someDate },
        }),
      ),
      fc.array(fc.constant(at(-2)), { maxLength: 2 }),
      (status, grant, votedAt) => {
        const seen = lifecycleOf(facts({ ...approval({ status }), grant, votedAt }));
        expect(LIFECYCLE_STAGES).toContain(seen.stage);
        expect(seen.used).toBe(grant ? grant.activatedAt !== null : null);
        const lives = grant !== null && !grant.revokedAt && (!grant.expiresAt || grant.expiresAt > NOW);
        expect(seen.live).toBe(lives);
        expect(seen.steps.filter(({ state }) => state === "now").length).toBeLessThanOrEqual(1);
        for (const { state, at: when } of seen.steps) expect(when !== null).toBe(state === "done");
      },
    ),
  );
});
