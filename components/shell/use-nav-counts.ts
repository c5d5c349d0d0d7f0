"use client";

import { useQuery } from "@tanstack/react-query";
import { useTRPC } from "../trpc/client.ts";
import type { WorkKey } from "./nav-items.ts";

export type NavCount = { value: number; tone: "critical" | "medium" | "neutral"; meaning: string };

/** What waits in each queue, for the navigation. A count that could not be read is not shown. */
export function useNavCounts(): Partial<Record<WorkKey, NavCount>> {
  const trpc = useTRPC();
  const { data } = useQuery(trpc.overview.counts.queryOptions());
  if (!data) return {};
  return {
    agents: { value: data.contained, tone: "critical", meaning: "cut off" },
    shadowAgents: { value: data.shadowAgents, tone: "medium", meaning: "open" },
    alerts: {
      value: data.openAlerts,
      tone: data.unownedCritical > 0 ? "critical" : "neutral",
      meaning: data.unownedCritical > 0 ? `open, ${data.unownedCritical} critical without an owner` : "open",
    },
    incidents: { value: data.openIncidents, tone: "critical", meaning: "open" },
    approvals: { value: data.pendingApprovals, tone: "medium", meaning: "waiting" },
  };
}
