import { z } from "zod";
import { listLiveGrantsInput, liveGrantPage } from "../../layers/authorization/grants-schema.ts";
import { listGrants } from "../../layers/authorization/list-grants.ts";
import { listLiveGrants } from "../../layers/authorization/list-live-grants.ts";
import { listUnusedGrants } from "../../layers/authorization/list-unused-grants.ts";
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
  live: operatorProcedure
    .meta({ openapi: { method: "GET", path: "/grants/live" } })
    .input(listLiveGrantsInput)
    .output(liveGrantPage)
    .query(({ ctx, input }) => listLiveGrants(verbContext(ctx), input)),
  unused: operatorProcedure
    .meta({ openapi: { method: "GET", path: "/grants/unused" } })
    .input(listLiveGrantsInput)
    .output(liveGrantPage)
    .query(({ ctx, input }) => listUnusedGrants(verbContext(ctx), input)),
  policy: operatorProcedure.output(policyView).query(({ ctx }) => readPolicy(verbContext(ctx))),
  revoke: operatorProcedure
    .input(revokeGrantInput)
    .output(z.object({ tokensRevoked: z.number().int() }))
    .mutation(({ ctx, input }) => revokeGrant(verbContext(ctx), input)),
});
