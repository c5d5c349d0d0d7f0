import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { budgetRows } from "./budget-rows.ts";

const per = (record: number, limit: number, contain: number) => ({ record, limit, contain });
const budget = {
  ...{ from: new Date(0), to: new Date(1), agentDays: 70, declared: per(1, 0.1, 0.01) },
  ...{ alarms: per(35, 14, 1), judgedTrue: per(7, 7, 1), judgedFalse: per(10, 3, 0) },
};

describe("the budget of false alarms", () => {
  it("counts an alarm as false until it is called true, against what the line declares", () => {
    const [record, limit, contain] = budgetRows(budget);
    expect(record).toMatchObject({ allowed: 70, measured: 0.4, used: 0.4, unjudged: 18 });
    expect(limit).toMatchObject({ allowed: 7, measured: 0.1, used: 1, unjudged: 4 });
    expect(contain).toMatchObject({ measured: 0, used: 0, unjudged: 0 });
  });

  it("says nothing of a stretch in which nothing was scored", () => {
    for (const row of budgetRows({ ...budget, agentDays: 0 }))
      expect(row).toMatchObject({ measured: null, used: null });
  });

  it("never shows less than nothing, whatever was judged", () => {
    const three = fc.record({ record: fc.nat(50), limit: fc.nat(50), contain: fc.nat(50) });
    fc.assert(
      fc.property(three, three, three, (alarms, judgedTrue, judgedFalse) => {
        for (const row of budgetRows({ ...budget, alarms, judgedTrue, judgedFalse }))
          expect(Math.min(row.unjudged, row.measured ?? 0, row.used ?? 0)).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
