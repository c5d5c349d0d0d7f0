import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import { createTRPCOptionsProxy } from "@trpc/tanstack-react-query";
import { headers } from "next/headers";
import { cache, type ReactNode } from "react";
import { makeQueryClient } from "#components/trpc/query-client.ts";
import { createContext } from "#server/trpc/create-context.ts";
import { type AppRouter, appRouter } from "#server/trpc/root.ts";
import { getRuntime } from "#server/trpc/runtime.ts";

/** The request's caller, read once for all that one rendering asks. */
export const getPageContext = cache(async () => createContext(getRuntime(), await headers(), new Date()));

/** The rendering's query client: what is prefetched into it reaches the browser with the page. */
export const getPageQueryClient = cache(makeQueryClient);

/** `void getPageQueryClient().prefetchQuery(pageTrpc.alerts.list.queryOptions(…))`. */
export const pageTrpc = createTRPCOptionsProxy<AppRouter>({
  ctx: getPageContext,
  router: appRouter,
  queryClient: getPageQueryClient,
});

/** Hands what was prefetched to the client components inside. */
export function HydrateClient({ children }: { children: ReactNode }) {
  return <HydrationBoundary state={dehydrate(getPageQueryClient())}>{children}</HydrationBoundary>;
}
