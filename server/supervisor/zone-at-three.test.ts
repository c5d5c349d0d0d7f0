import fc from "fast-check";
import { expect, test } from "vitest";
import { zoneAtThree } from "./zone-at-three.ts";

test("whenever the demo starts, it is between 02:00 and 04:00 in the demo bank", () => {
  fc.assert(
    fc.property(
      fc.date({ min: new Date("2024-01-01"), max: new Date("2034-01-01"), noInvalidDate: true }),
      (now) => {
        const local = new Intl.DateTimeFormat("en-GB", {
          timeZone: zoneAtThree(now),
          hour: "2-digit",
          minute: "2-digit",
          hourCycle: "h23",
        });
        const [hour = 0, minute = 0] = local.format(now).split(":").map(Number);
        expect(Math.abs(hour * 60 + minute - 180)).toBeLessThanOrEqual(60);
      },
    ),
  );
});
