import { z } from "zod";
import { listGrants } from "../../layers/authorization/list-grants.ts";
import { policyView } from "../../layers/authorization/policy-schema.ts";
import { readPolicy } from "../../layers/authorization/read-policy.ts";
import { revokeGrant } from "../../layers/authorization/revoke-grant.ts";
import { grantView, listGrantsInput, revokeGrantInput } from "../../layers/authorization/schema.ts";
import { operatorProcedure, router, verbContext } from "../procedure.ts";

/** What agents may have, and taking it back. */
export const grantsRouter = router({
  list: operatorProcedure
    .meta({ openapi: { method: "GET", path: "/grants" } })
    .input(listGrantsInput)
    .output(z.object({ grants: z.array(grantView) }))
    .query(async ({ ctx, input }) => ({ grants: await listGrants(verbContext(ctx), input) })),
  policy: operatorProcedure.output(policyView).query(({ ctx }) => readPolicy(verbContext(ctx))),
  revoke: operatorProcedure
    .input(revokeGrantInput)
    .output(z.object({ tokensRevoked: z.number().int() }))
    .mutation(({ ctx, input }) => revokeGrant(verbContext(ctx), input)),
});
