"use client";

import { type QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createTRPCClient, httpBatchLink } from "@trpc/client";
import { type ReactNode, useState } from "react";
import superjson from "superjson";
import type { AppRouter } from "#server/trpc/root.ts";
import { TRPCProvider as Provider } from "./client.ts";
import { makeQueryClient } from "./query-client.ts";

/** Under the server's limit of calls in one request. */
const BATCH_MAX = 10;
const URL_LENGTH_MAX = 4_000;

let browserClient: QueryClient | undefined;

/** One query client for the browser's life; on the server a new one for each rendering. */
function getQueryClient(): QueryClient {
  if (typeof window === "undefined") return makeQueryClient();
  browserClient ??= makeQueryClient();
  return browserClient;
}

/** Gives the page its way to the server. */
export function TRPCProvider({ children }: { children: ReactNode }) {
  const queryClient = getQueryClient();
  const [trpcClient] = useState(() =>
    createTRPCClient<AppRouter>({
      links: [
        httpBatchLink({
          url: "/api/trpc",
          transformer: superjson,
          maxItems: BATCH_MAX,
          maxURLLength: URL_LENGTH_MAX,
        }),
      ],
    }),
  );
  return (
    <QueryClientProvider client={queryClient}>
      <Provider trpcClient={trpcClient} queryClient={queryClient}>
        {children}
      </Provider>
    </QueryClientProvider>
  );
}
