import { z } from "zod";
import { createKeyStore } from "../../keys/key-store.ts";
import { roleKekFromEnv } from "../../keys/role-kek.ts";
import { attestClaim } from "../../layers/identity/attest-claim.ts";
import type { FactsContext } from "../../layers/identity/attester.ts";
import {
  agentLevel,
  attestClaimInput,
  factsView,
  readLevelsInput,
  stateClaimInput,
  withdrawAttestationInput,
} from "../../layers/identity/facts-schema.ts";
import { readFacts } from "../../layers/identity/read-facts.ts";
import { readLevels } from "../../layers/identity/read-levels.ts";
import { agentName } from "../../layers/identity/schema.ts";
import { stateClaim } from "../../layers/identity/state-claim.ts";
import { withdrawAttestation } from "../../layers/identity/withdraw-attestation.ts";
import type { Context, OperatorActor } from "../context.ts";
import { operatorProcedure, router, steppedUpProcedure, verbContext } from "../procedure.ts";

/** What is claimed of an agent, by whom, and who bears it out. */
export const factsRouter = router({
  get: operatorProcedure
    .meta({ openapi: { method: "GET", path: "/agents/{name}/facts", summary: "An agent's facts and level" } })
    .input(z.object({ name: agentName }))
    .output(factsView)
    .query(({ ctx, input }) => readFacts(factsContext(ctx), input)),
  levels: operatorProcedure
    .meta({ openapi: { method: "GET", path: "/levels", summary: "Effective levels of named agents" } })
    .input(readLevelsInput)
    .output(z.array(agentLevel))
    .query(({ ctx, input }) => readLevels(factsContext(ctx), input)),
  state: operatorProcedure
    .meta({ openapi: { method: "POST", path: "/agents/{name}/facts", summary: "State a claim" } })
    .input(stateClaimInput)
    .output(z.object({ digest: z.string() }))
    .mutation(({ ctx, input }) => stateClaim(verbContext(ctx), input)),
  attest: steppedUpProcedure
    .input(attestClaimInput)
    .output(z.object({ attestationId: z.uuid(), expiresAt: z.date() }))
    .mutation(({ ctx, input }) => attestClaim(factsContext(ctx), input, ctx.stepUp)),
  withdraw: steppedUpProcedure
    .input(withdrawAttestationInput)
    .output(z.object({ withdrawnAt: z.date() }))
    .mutation(({ ctx, input }) => withdrawAttestation(verbContext(ctx), input, ctx.stepUp)),
});

/** The authorities' keys are the console's: no other process opens them. */
function factsContext(ctx: Pick<Context, "db" | "now" | "env"> & { actor: OperatorActor }): FactsContext {
  const keys = createKeyStore(ctx.db, "console", roleKekFromEnv(ctx.env, "console"));
  return { ...verbContext(ctx), keys };
}
