"use client";

import { Tooltip } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTRPC } from "../trpc/client.ts";
import { Badge } from "../ui/badge.tsx";
import { useNow } from "../ui/server-clock.ts";
import { lagWords } from "./lag-words.ts";

const REFRESH_MS = 5_000;

/** How far scoring is behind the agents, as the worker measures it; says when nobody measures. */
export function ScoringLag() {
  const trpc = useTRPC();
  const lag = useQuery(trpc.behaviour.lag.queryOptions(undefined, { refetchInterval: REFRESH_MS }));
  const now = useNow();
  const { text, tone, title } = lagWords(lag.data ?? null, lag.error !== null, now);
  return (
    <Tooltip label={title} multiline maw={420}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: its sentence is shown on focus, too */}
      <span tabIndex={0} style={{ display: "inline-flex" }}>
        <Badge tone={tone}>{text}</Badge>
      </span>
    </Tooltip>
  );
}
