import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ATTEMPTS_MAX, PAUSE_MS_MAX, PAUSE_MS_MIN, planAttempt, REFUSALS_MAX } from "./plan-attempt.ts";

const away = { delivered: false as const, error: "no answer", refused: false };
const refused = { delivered: false as const, error: "answered 422", refused: true };

describe("planAttempt", () => {
  test("the pause doubles from one second to five minutes", () => {
    const pauses = [1, 2, 3, 9, 10, 500].map((attempts) => planAttempt(away, attempts));
    expect(pauses.map((plan) => plan.state === "wait" && plan.pauseMs)).toEqual([
      1_000, 2_000, 4_000, 256_000, 300_000, 300_000,
    ]);
  });

  test("a receiver that is away for a whole day loses nothing", () => {
    let waited = 0;
    for (let attempts = 1; ; attempts += 1) {
      const plan = planAttempt(away, attempts);
      if (plan.state !== "wait") break;
      waited += plan.pauseMs;
    }
    expect(waited).toBeGreaterThan(24 * 3_600_000);
  });

  test("a message that is refused does not hold up the others for long", () => {
    expect(planAttempt(refused, REFUSALS_MAX - 1).state).toBe("wait");
    expect(planAttempt(refused, REFUSALS_MAX)).toEqual({ state: "dead", error: "answered 422" });
    expect(planAttempt(away, REFUSALS_MAX).state).toBe("wait");
    expect(planAttempt(away, ATTEMPTS_MAX).state).toBe("dead");
  });

  test("what was delivered is delivered, and every pause is within its bounds", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), fc.boolean(), (attempts, isRefused) => {
        expect(planAttempt({ delivered: true }, attempts)).toEqual({ state: "delivered" });
        const plan = planAttempt({ delivered: false, error: "e", refused: isRefused }, attempts);
        if (plan.state !== "wait") return;
        expect(plan.pauseMs).toBeGreaterThanOrEqual(PAUSE_MS_MIN);
        expect(plan.pauseMs).toBeLessThanOrEqual(PAUSE_MS_MAX);
      }),
    );
  });
});
