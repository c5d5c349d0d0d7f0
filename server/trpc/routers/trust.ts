import { z } from "zod";
import { decideTrustOverride } from "../../layers/authorization/decide-trust-override.ts";
import { endTrustOverride } from "../../layers/authorization/end-trust-override.ts";
import { listTrustOverrides } from "../../layers/authorization/list-trust-overrides.ts";
import { readTrust } from "../../layers/authorization/read-trust.ts";
import { readTrustHistory } from "../../layers/authorization/read-trust-history.ts";
import { requestTrustOverride } from "../../layers/authorization/request-trust-override.ts";
import {
  decideOverrideInput,
  endOverrideInput,
  overrideView,
  requestOverrideInput,
  trustHistoryInput,
  trustOfInput,
  trustPoint,
  trustView,
} from "../../layers/authorization/trust-schema.ts";
import { operatorProcedure, router, steppedUpProcedure, verbContext } from "../procedure.ts";

/** Trust in agents: why it is what it is, how it went, and setting it by hand with a second person. */
export const trustRouter = router({
  current: operatorProcedure
    .meta({ openapi: { method: "GET", path: "/agents/{name}/trust" } })
    .input(trustOfInput)
    .output(trustView)
    .query(({ ctx, input }) => readTrust(verbContext(ctx), input)),
  history: operatorProcedure
    .meta({ openapi: { method: "GET", path: "/agents/{name}/trust/history" } })
    .input(trustHistoryInput)
    .output(z.object({ points: z.array(trustPoint) }))
    .query(async ({ ctx, input }) => ({ points: await readTrustHistory(verbContext(ctx), input) })),
  overrides: operatorProcedure
    .meta({ openapi: { method: "GET", path: "/agents/{name}/trust/overrides" } })
    .input(trustOfInput)
    .output(z.object({ overrides: z.array(overrideView) }))
    .query(async ({ ctx, input }) => ({ overrides: await listTrustOverrides(verbContext(ctx), input) })),
  requestOverride: operatorProcedure
    .input(requestOverrideInput)
    .output(z.object({ id: z.uuid(), digest: z.string() }))
    .mutation(({ ctx, input }) => requestTrustOverride(verbContext(ctx), input)),
  decideOverride: steppedUpProcedure
    .input(decideOverrideInput)
    .output(z.object({ status: z.enum(["approved", "denied"]), endsAt: z.date().nullable() }))
    .mutation(({ ctx, input }) => decideTrustOverride(verbContext(ctx), input, ctx.stepUp)),
  endOverride: operatorProcedure
    .input(endOverrideInput)
    .output(z.void())
    .mutation(({ ctx, input }) => endTrustOverride(verbContext(ctx), input)),
});
