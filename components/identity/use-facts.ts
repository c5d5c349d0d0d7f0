"use client";

import { useQueries, useQuery } from "@tanstack/react-query";
import type { Level } from "#server/layers/identity/facts-schema.ts";
import { useTRPC } from "../trpc/client.ts";
import { serverNowMs } from "../ui/server-clock.ts";
import { msUntilNextEnd } from "./facts-words.ts";

/** An agent's facts, read again when an attestation in them ends: nobody has to do anything for it to show. */
export function useFacts(name: string) {
  const trpc = useTRPC();
  return useQuery({
    ...trpc.facts.get.queryOptions({ name }),
    refetchInterval: ({ state }) => msUntilNextEnd(state.data?.claims ?? [], serverNowMs()),
  });
}

const LIST_AGAIN_MS = 60_000;

/** The effective levels of pages of agents, by name; an agent whose level is not read yet is not in it. */
export function useLevels(pages: readonly (readonly string[])[]): ReadonlyMap<string, Level | null> {
  const trpc = useTRPC();
  const read = useQueries({
    queries: pages
      .filter((names) => names.length > 0)
      .map((names) => ({
        ...trpc.facts.levels.queryOptions({ names: [...names] }),
        refetchInterval: LIST_AGAIN_MS,
      })),
  });
  return new Map(read.flatMap(({ data }) => (data ?? []).map((one) => [one.agent, one.effective])));
}
