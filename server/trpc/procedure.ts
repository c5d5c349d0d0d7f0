import { initTRPC, TRPCError } from "@trpc/server";
import superjson from "superjson";
import { log } from "../access/log.ts";
import { stepUpOf } from "../access/step-up.ts";
import type { VerbContext } from "../access/verb-context.ts";
import { UnauthenticatedError } from "../kernel/errors.ts";
import type { Context, OperatorActor } from "./context.ts";
import { publicError, toTrpcError } from "./errors.ts";
import type { RestMeta } from "./rest/meta.ts";

const trpc = initTRPC
  .context<Context>()
  .meta<RestMeta>()
  .create({
    transformer: superjson,
    /** Never a stack trace to a client, whatever NODE_ENV says. */
    isDev: false,
    errorFormatter: ({ shape, error }) => {
      const vigil = publicError(error);
      return { ...shape, message: vigil.message, data: { ...shape.data, vigil } };
    },
  });

export const router = trpc.router;
export const createCallerFactory = trpc.createCallerFactory;

const mapErrors = trpc.middleware(async ({ next, path }) => {
  const result = await next();
  if (!result.ok) throw toTrpcError(result.error, log, path);
  return result;
});

/** Anybody, signed in or not. Few procedures are: each says why. */
export const publicProcedure = trpc.procedure.use(mapErrors);

/**
 * A person who is signed in, or a script with an API key. What they may do is decided by the verb's first line.
 *
 * @throws UNAUTHORIZED `not_signed_in`.
 */
export const operatorProcedure = publicProcedure.use(({ ctx, next }) => {
  const { actor } = ctx;
  if (!actor)
    throw refuse(new UnauthenticatedError("not_signed_in", "Sign in, or send an API key as a Bearer token."));
  return next({ ctx: { ...ctx, actor } });
});

/**
 * An operator who proved a second factor in this session within the last five minutes. An API key never can.
 * `ctx.stepUp` names the method, for the record of the act.
 *
 * @throws FORBIDDEN `step_up_required`.
 */
export const steppedUpProcedure = operatorProcedure.use(({ ctx, next }) =>
  next({ ctx: { ...ctx, stepUp: stepUpOf(ctx.session, ctx.now) } }),
);

/** The verb context of a call: database, actor and the instant stamped at the door. */
export function verbContext(ctx: Pick<Context, "db" | "now"> & { actor: OperatorActor }): VerbContext {
  return { db: ctx.db, actor: ctx.actor, now: ctx.now };
}

function refuse(cause: UnauthenticatedError): TRPCError {
  return new TRPCError({ code: "UNAUTHORIZED", message: cause.message, cause });
}
