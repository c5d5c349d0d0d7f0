import { reportDuties } from "../../flows/report-duties.ts";
import { dutiesReport, reportDutiesInput } from "../../layers/authorization/duties-schema.ts";
import { operatorProcedure, router, verbContext } from "../procedure.ts";

/** Separation of duties: who asked, who decided, and where that was not two people. */
export const dutiesRouter = router({
  report: operatorProcedure
    .meta({ openapi: { method: "GET", path: "/duties" } })
    .input(reportDutiesInput)
    .output(dutiesReport)
    .query(({ ctx, input }) => reportDuties(verbContext(ctx), input)),
});
