import type { inferRouterInputs, inferRouterOutputs } from "@trpc/server";
import type { AppRouter } from "#server/trpc/root.ts";

/** What each procedure answers and takes, by router and name: the screens' types. */
export type AppOutput = inferRouterOutputs<AppRouter>;
export type AppInput = inferRouterInputs<AppRouter>;
