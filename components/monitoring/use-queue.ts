"use client";

import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { AlertFilter } from "#server/layers/monitoring/schema.ts";
import { useTRPC } from "../trpc/client.ts";
import { groupName, settleGroups } from "./shown-groups.ts";

/** The queue as it is shown: new groups wait until they are asked for, so that no row moves under a reader. */
export function useQueue(filter: AlertFilter) {
  const trpc = useTRPC();
  const query = useInfiniteQuery(
    trpc.alerts.groups.infiniteQueryOptions(filter, {
      getNextPageParam: (last) => last.nextCursor ?? undefined,
      placeholderData: keepPreviousData,
      retry: (failures, error) => error.data?.httpStatus !== 400 && failures < 3,
    }),
  );
  const name = JSON.stringify(filter);
  const [shown, setShown] = useState<{ name: string; order: readonly string[] } | null>(null);
  const order = shown?.name === name ? shown.order : null;
  const read = query.data?.pages.flatMap((page) => page.groups) ?? [];
  const { groups, waiting } = settleGroups(read, order);
  const names = groups.map(groupName);
  const settled = query.data !== undefined && !query.isPlaceholderData;
  const changed = settled && (order === null || order.join() !== names.join());
  useEffect(() => {
    if (changed) setShown({ name, order: names });
  });
  return { query, groups, waiting, showNew: () => setShown(null), first: query.data?.pages[0] };
}
