import { z } from "zod";
import { changeRoles, changeRolesInput } from "../../access/change-roles.ts";
import { createUser, createUserInput } from "../../access/create-user.ts";
import { disableUser } from "../../access/disable-user.ts";
import { enableUser } from "../../access/enable-user.ts";
import { listManagedUsers, listUsers } from "../../access/list-users.ts";
import { resetTotp } from "../../access/reset-totp.ts";
import { operatorProcedure, router, steppedUpProcedure, verbContext } from "../procedure.ts";

const userInput = z.object({ userId: z.string().min(1).max(64) });

export const usersRouter = router({
  list: operatorProcedure.query(({ ctx }) => listUsers(verbContext(ctx))),

  managed: operatorProcedure.query(({ ctx }) => listManagedUsers(verbContext(ctx))),

  create: steppedUpProcedure
    .input(createUserInput)
    .mutation(({ ctx, input }) => createUser(verbContext(ctx), input)),

  changeRoles: steppedUpProcedure
    .input(changeRolesInput)
    .mutation(({ ctx, input }) => changeRoles(verbContext(ctx), input)),

  disable: steppedUpProcedure
    .input(userInput)
    .mutation(({ ctx, input }) => disableUser(verbContext(ctx), input)),

  enable: steppedUpProcedure
    .input(userInput)
    .mutation(({ ctx, input }) => enableUser(verbContext(ctx), input)),

  resetTotp: steppedUpProcedure
    .input(userInput)
    .mutation(({ ctx, input }) => resetTotp(verbContext(ctx), input)),
});
