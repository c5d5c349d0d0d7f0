import { describe, expect, test } from "vitest";
import { judgeConfirmations } from "./judge-confirmations.ts";

const requestedAt = new Date("2026-11-23T12:00:00Z");
const later = (seconds: number) => new Date(requestedAt.getTime() + seconds * 1_000);
const said = (gatewayId: string, connectionsCut = 1) => ({
  gatewayId,
  connectionsCut,
  confirmedAt: later(0.1),
});

describe("judgeConfirmations", () => {
  test("every live gateway must have said so: one of two is not enough", () => {
    const facts = { live: ["a", "b"], confirmations: [said("a")], requestedAt };
    expect(judgeConfirmations(facts, later(9.9))).toBeNull();
    expect(judgeConfirmations(facts, later(10))).toMatchObject({
      status: "failed",
      detail: expect.stringMatching(/1 of 2.*: b\./),
    });
    expect(judgeConfirmations({ ...facts, confirmations: [said("a", 3), said("b", 4)] }, later(0.2))).toEqual(
      {
        status: "confirmed",
        detail: "All 2 gateways confirmed the denial; 7 open connections were cut.",
      },
    );
  });

  test("a confirmation of a gateway that has died since does not stand for one that lives", () => {
    const facts = { live: ["b"], confirmations: [said("a")], requestedAt };
    expect(judgeConfirmations(facts, later(1))).toBeNull();
    expect(judgeConfirmations(facts, later(11))).toMatchObject({ status: "failed" });
  });

  test("with no gateway alive nothing is called confirmed, and nothing is said before the last one has gone stale", () => {
    const facts = { live: [], confirmations: [], requestedAt };
    expect(judgeConfirmations(facts, later(5))).toBeNull();
    expect(judgeConfirmations(facts, later(5.1))).toMatchObject({ status: "done" });
  });
});
