import { z } from "zod";
import { breakGlass } from "../../flows/break-glass.ts";
import { reviewBreakGlass } from "../../flows/review-break-glass.ts";
import {
  breakGlassAnswer,
  breakGlassInput,
  breakGlassOffer,
  breakGlassPage,
  listBreakGlassInput,
  reviewBreakGlassInput,
  VERDICTS,
} from "../../layers/authorization/glass-schema.ts";
import { listBreakGlass } from "../../layers/authorization/list-break-glass.ts";
import { offerBreakGlass } from "../../layers/authorization/offer-break-glass.ts";
import { operatorProcedure, router, steppedUpProcedure, verbContext } from "../procedure.ts";

/** Break-glass: who may, doing it, and what somebody else says of it afterwards. */
export const glassRouter = router({
  list: operatorProcedure
    .meta({ openapi: { method: "GET", path: "/break-glass" } })
    .input(listBreakGlassInput)
    .output(breakGlassPage)
    .query(({ ctx, input }) => listBreakGlass(verbContext(ctx), input)),
  offer: operatorProcedure
    .input(z.object({ agent: z.string().min(1).max(80) }))
    .output(breakGlassOffer)
    .query(({ ctx, input }) => offerBreakGlass(verbContext(ctx), input)),
  break: steppedUpProcedure
    .input(breakGlassInput)
    .output(breakGlassAnswer)
    .mutation(({ ctx, input }) => breakGlass(verbContext(ctx), input, ctx.stepUp)),
  review: steppedUpProcedure
    .input(reviewBreakGlassInput)
    .output(z.object({ verdict: z.enum(VERDICTS) }))
    .mutation(({ ctx, input }) => reviewBreakGlass(verbContext(ctx), input, ctx.stepUp)),
});
