import { readCounts } from "../../flows/read-counts.ts";
import { readOverview } from "../../flows/read-overview.ts";
import { operatorProcedure, router, verbContext } from "../procedure.ts";

export const overviewRouter = router({
  get: operatorProcedure.query(({ ctx }) => readOverview(verbContext(ctx))),
  counts: operatorProcedure.query(({ ctx }) => readCounts(verbContext(ctx))),
});
