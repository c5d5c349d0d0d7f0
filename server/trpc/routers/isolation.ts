import { readIsolationMap } from "../../layers/isolation/read-isolation-map.ts";
import { isolationMap } from "../../layers/isolation/schema.ts";
import { operatorProcedure, router, verbContext } from "../procedure.ts";

/** Isolation: who stands where, what may reach what, and which gateways confirm it. */
export const isolationRouter = router({
  map: operatorProcedure.output(isolationMap).query(({ ctx }) => readIsolationMap(verbContext(ctx))),
});
