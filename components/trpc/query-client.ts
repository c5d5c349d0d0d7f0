import { defaultShouldDehydrateQuery, QueryClient } from "@tanstack/react-query";
import superjson from "superjson";

/** Live events say what changed; without one, data this old is read again when a screen comes back to it. */
const FRESH_MS = 15_000;
const RETRIES_MAX = 2;

/** A query client as both sides use it, so that what the server read is what the browser starts with. */
export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: FRESH_MS,
        retry: (failures, error) => failures < RETRIES_MAX && !isRefusal(error),
      },
      mutations: { retry: false },
      dehydrate: {
        serializeData: superjson.serialize,
        shouldDehydrateQuery: (query) =>
          defaultShouldDehydrateQuery(query) || query.state.status === "pending",
        /** An error's words stay on the server; the browser asks itself. */
        shouldRedactErrors: () => true,
      },
      hydrate: { deserializeData: superjson.deserialize },
    },
  });
}

/** An answer that asking again does not change: malformed, not signed in, not permitted, not there. */
function isRefusal(error: unknown): boolean {
  const status = (error as { data?: { httpStatus?: number } | null }).data?.httpStatus ?? 0;
  return status >= 400 && status < 500 && status !== 429;
}
