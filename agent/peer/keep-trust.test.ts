import { describe, expect, test } from "vitest";
import { issuer, root } from "../../server/layers/identity/testing/chain-world.ts";
import { days, forgeCrl, NOW } from "../../server/layers/identity/testing/forge.ts";
import { checkLists, keepTrust } from "./keep-trust.ts";

const later = (ms: number) => new Date(NOW.getTime() + ms);
const facts = (nextUpdate = days(1)) => ({
  anchors: [root.der],
  intermediates: [issuer.der],
  crls: [forgeCrl(issuer, { nextUpdate })],
});

/** A Vigil that a test takes away and brings back. */
function vigil(nextUpdate?: Date) {
  const state = { asked: 0, away: false };
  const fetch = async () => {
    state.asked += 1;
    if (state.away) throw new Error("connect ECONNREFUSED");
    return facts(nextUpdate);
  };
  return { state, trust: keepTrust(fetch) };
}

describe("trust that is kept", () => {
  test("is fetched once for all who ask at once, and again after a minute", async () => {
    const { state, trust } = vigil();
    await Promise.all([1, 2, 3].map(() => trust.current(NOW)));
    await trust.current(later(59_999));
    expect(state.asked).toBe(1);
    await trust.current(later(60_000));
    expect(state.asked).toBe(2);
  });

  test("is fetched again when a list ends, before the minute is over", async () => {
    const { state, trust } = vigil(later(10_000));
    await trust.current(NOW);
    await trust.current(later(9_999));
    expect(state.asked).toBe(1);
    await trust.current(later(10_000));
    expect(state.asked).toBe(2);
  });

  test("cannot be had where Vigil never answered", async () => {
    const { state, trust } = vigil();
    state.away = true;
    await expect(trust.current(NOW)).rejects.toMatchObject({ code: "trust_unavailable" });
    state.away = false;
    expect((await trust.current(NOW)).away).toBeNull();
  });

  test("counts for five minutes without Vigil, says so, and then no longer", async () => {
    const { state, trust } = vigil();
    expect(checkLists(await trust.current(NOW), NOW)).toMatchObject({ passed: true });
    state.away = true;
    const soon = await trust.current(later(60_000));
    expect(checkLists(soon, later(60_000))).toMatchObject({ id: "lists-fetched", passed: true });
    expect(checkLists(soon, later(60_000)).detail).toContain("ECONNREFUSED");
    const late = await trust.current(later(301_000));
    expect(late.away?.since).toEqual(later(60_000));
    expect(checkLists(late, later(301_000))).toMatchObject({ passed: false });
  });

  test("is asked for every two seconds while Vigil is away, and is whole again when it is back", async () => {
    const { state, trust } = vigil();
    await trust.current(NOW);
    state.away = true;
    await trust.current(later(60_000));
    await trust.current(later(61_999));
    expect(state.asked).toBe(2);
    state.away = false;
    expect((await trust.current(later(62_000))).away).toBeNull();
    expect(state.asked).toBe(3);
  });
});
