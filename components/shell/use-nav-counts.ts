"use client";

import { useQuery } from "@tanstack/react-query";
import { useTRPC } from "../trpc/client.ts";
import type { WorkKey } from "./nav-items.ts";

export type NavCount = { value: number; tone: "critical" | "medium" | "neutral"; meaning: string };

/** What waits in each queue, for the navigation. A count that could not be read is not shown. */
export function useNavCounts(): Partial<Record<WorkKey, NavCount>> {
  const trpc = useTRPC();
  return {};
}
