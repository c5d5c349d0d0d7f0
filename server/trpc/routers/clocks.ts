import { listRegimes } from "../../incidents/list-regimes.ts";
import { listRunningClocks } from "../../incidents/list-running-clocks.ts";
import { previewClock } from "../../incidents/preview-clock.ts";
import { clockPreview, clockPreviewInput, regimes, runningClocks } from "../../incidents/views.ts";
import { operatorProcedure, router, verbContext } from "../procedure.ts";

/** Notification clocks: those that run, and when one would be due. */
export const clocksRouter = router({
  running: operatorProcedure.output(runningClocks).query(({ ctx }) => listRunningClocks(verbContext(ctx))),
  regimes: operatorProcedure
    .meta({ openapi: { method: "GET", path: "/clocks/regimes", summary: "The clocks that Vigil keeps" } })
    .output(regimes)
    .query(() => listRegimes()),
  preview: operatorProcedure
    .meta({ openapi: { method: "GET", path: "/clocks/preview", summary: "When a clock would be due" } })
    .input(clockPreviewInput)
    .output(clockPreview)
    .query(({ input }) => previewClock(input)),
});
