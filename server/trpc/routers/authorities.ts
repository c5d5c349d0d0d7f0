import { z } from "zod";
import { listTokenKeys } from "../../layers/authorization/list-token-keys.ts";
import { rotateTokenKey } from "../../layers/authorization/rotate-token-key.ts";
import {
  rotatedTokenKey,
  rotateTokenKeyInput,
  tokenKeyView,
} from "../../layers/authorization/token-key-schema.ts";
import { activateAuthority } from "../../layers/identity/activate-authority.ts";
import {
  activateAuthorityInput,
  authorityBoard,
  dependentPage,
  listDependentsInput,
  prepareAuthorityInput,
  revokeAuthorityInput,
  taintAuthorityInput,
} from "../../layers/identity/authority-schema.ts";
import { listAuthorities } from "../../layers/identity/list-authorities.ts";
import { listDependents } from "../../layers/identity/list-dependents.ts";
import { prepareAuthority } from "../../layers/identity/prepare-authority.ts";
import { revokeAuthority } from "../../layers/identity/revoke-authority.ts";
import { authorityStatus } from "../../layers/identity/schema.ts";
import { taintAuthority } from "../../layers/identity/taint-authority.ts";
import { operatorProcedure, router, steppedUpProcedure, verbContext } from "../procedure.ts";

export const authoritiesRouter = router({
  list: operatorProcedure
    .meta({
      openapi: {
        method: "GET",
        path: "/authorities",
        summary: "Certificate authorities and who depends on them",
      },
    })
    .output(authorityBoard)
    .query(({ ctx }) => listAuthorities(verbContext(ctx))),
  dependents: operatorProcedure
    .meta({
      openapi: {
        method: "GET",
        path: "/authorities/{authorityId}/dependents",
        summary: "Agents whose newest certificate is of it",
      },
    })
    .input(listDependentsInput)
    .output(dependentPage)
    .query(({ ctx, input }) => listDependents(verbContext(ctx), input)),
  prepare: steppedUpProcedure
    .input(prepareAuthorityInput)
    .output(z.object({ requestId: z.uuid() }))
    .mutation(({ ctx, input }) => prepareAuthority(verbContext(ctx), input)),
  activate: steppedUpProcedure
    .input(activateAuthorityInput)
    .output(z.object({ superseded: z.uuid().nullable() }))
    .mutation(({ ctx, input }) => activateAuthority(verbContext(ctx), input)),
  taint: steppedUpProcedure
    .input(taintAuthorityInput)
    .output(z.object({ status: authorityStatus }))
    .mutation(({ ctx, input }) => taintAuthority(verbContext(ctx), input)),
  revoke: steppedUpProcedure
    .input(revokeAuthorityInput)
    .output(z.object({ agents: z.number().int() }))
    .mutation(({ ctx, input }) => revokeAuthority(verbContext(ctx), input)),
  tokenKeys: operatorProcedure
    .meta({
      openapi: {
        method: "GET",
        path: "/authorities/token-keys",
        summary: "Every key that signed access tokens or will, with its public half",
      },
    })
    .output(z.array(tokenKeyView))
    .query(({ ctx }) => listTokenKeys(verbContext(ctx))),
  rotateTokenKey: steppedUpProcedure
    .input(rotateTokenKeyInput)
    .output(rotatedTokenKey)
    .mutation(({ ctx, input }) => rotateTokenKey(verbContext(ctx), input)),
});
