import { z } from "zod";
import { changePassword, changePasswordInput } from "../../access/change-password.ts";
import { completeSetup, completeSetupInput } from "../../access/complete-setup.ts";
import { confirmStepUp } from "../../access/confirm-step-up.ts";
import { confirmTotp } from "../../access/confirm-totp.ts";
import { createApiKey, createApiKeyInput } from "../../access/create-api-key.ts";
import { enrolTotp } from "../../access/enrol-totp.ts";
import { listApiKeys } from "../../access/list-users.ts";
import { me, readInstallation, readMe } from "../../access/read-me.ts";
import { revokeApiKey } from "../../access/revoke-api-key.ts";
import { signOut } from "../../access/sign-out.ts";
import { operatorProcedure, publicProcedure, router, steppedUpProcedure, verbContext } from "../procedure.ts";

const codeInput = z.object({ code: z.string().regex(/^\d{6}$/, "six digits") });

export const accessRouter = router({
  me: operatorProcedure
    .meta({ openapi: { method: "GET", path: "/me", summary: "Who asks: the session's or the key's person" } })
    .output(me)
    .query(({ ctx }) => readMe({ ...verbContext(ctx), session: ctx.session })),

  /** Public: the sign-in page says which installation it opens. */
  installation: publicProcedure.query(({ ctx }) => readInstallation(ctx.db)),

  /** Public: the one-time link is the credential. */
  completeSetup: publicProcedure
    .input(completeSetupInput)
    .mutation(({ ctx, input }) => completeSetup(ctx, input)),

  signOut: operatorProcedure.mutation(({ ctx }) => signOut(verbContext(ctx))),

  confirmStepUp: operatorProcedure
    .input(codeInput)
    .mutation(({ ctx, input }) =>
      confirmStepUp({ ...verbContext(ctx), env: ctx.env, session: ctx.session }, input),
    ),

  startTotp: operatorProcedure.mutation(({ ctx }) =>
    enrolTotp({ ...verbContext(ctx), env: ctx.env, session: ctx.session }),
  ),

  confirmTotp: operatorProcedure
    .input(codeInput)
    .mutation(({ ctx, input }) =>
      confirmTotp({ ...verbContext(ctx), env: ctx.env, session: ctx.session }, input),
    ),

  changePassword: operatorProcedure
    .input(changePasswordInput)
    .mutation(({ ctx, input }) => changePassword(verbContext(ctx), input)),

  apiKeys: operatorProcedure.query(({ ctx }) => listApiKeys(verbContext(ctx))),

  createApiKey: steppedUpProcedure
    .input(createApiKeyInput)
    .mutation(({ ctx, input }) => createApiKey(verbContext(ctx), input)),

  revokeApiKey: operatorProcedure
    .input(z.object({ id: z.uuid() }))
    .mutation(({ ctx, input }) => revokeApiKey(verbContext(ctx), input)),
});
