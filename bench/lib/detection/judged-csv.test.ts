import { describe, expect, test } from "vitest";
import { judgedWindows } from "./judged-csv.ts";

const LABELS = `entity,t,split,attack,kind,attack_bytes,benign
a,2026-05-01T00:01:00.000Z,train,,,0,
a,2026-05-02T00:01:00.000Z,test,flood#1,flood,70,
a,2026-05-03T00:01:00.000Z,test,,,0,deploy
a,2026-05-03T00:02:00.000Z,test,,,0,deploy
b,2026-05-04T00:01:00.000Z,test,,,0,
`;

describe("scores of a file", () => {
  test("are joined with the labels by entity and instant, however it is written", () => {
    const scores = "entity,t,score\na,2026-05-02T00:01:00Z,0.9\nb,2026-05-04T02:01:00+02:00,0.25\n";
    const { windows, facts } = judgedWindows(LABELS, scores);
    expect(windows.map(({ agent, score }) => [agent, score])).toEqual([
      [0, 0.9],
      [0, 0],
      [0, 0],
      [1, 0.25],
    ]);
    expect(windows[0]).toMatchObject({ attack: "flood#1", attackBytes: 70, benign: null });
    expect(facts).toEqual({
      agentDays: 4,
      deploys: [{ agent: 0, fromMs: Date.parse("2026-05-03T00:00:00Z") }],
    });
  });

  test("of another file are refused, not taken for a scorer that says nothing", () => {
    expect(() => judgedWindows(LABELS, "entity,t,score\nz,2026-05-02T00:01:00Z,0.9\n")).toThrow(
      /do not belong together/,
    );
  });
});
