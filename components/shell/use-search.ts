"use client";

import { useQuery } from "@tanstack/react-query";
import { permits } from "#server/access/permissions.ts";
import { ALERT_ACTIONS } from "#server/layers/monitoring/alert-actions-schema.ts";
import { LAYERS } from "#server/layers.ts";
import { useTRPC } from "../trpc/client.ts";
import { alertName, incidentName } from "../ui/format.ts";
import { SYSTEM, WORK } from "./nav-items.ts";
import { useOperator } from "./operator.tsx";

export type Found = { title: string; detail: string; kind: string; href: string };

const SHOWN_EACH = 6;
const PAGES: Found[] = [...WORK, ...LAYERS, ...SYSTEM].map((page) => ({
  title: page.title,
  detail: "promise" in page ? page.promise : "",
  kind: "promise" in page ? "layer" : "page",
  href: page.path,
}));

/** What a search text leads to. Numbers such as INC-3 and AL-12 go straight there; ids search the audit. */
export function useSearch(text: string): { found: Found[]; pending: boolean } {
  const trpc = useTRPC();
  const { roles } = useOperator();
  const asking = text.length >= 2;
  const agents = useQuery(
    trpc.agents.list.queryOptions({ search: text, limit: SHOWN_EACH }, { enabled: asking }),
  );
  const alerts = useQuery(
    trpc.alerts.list.queryOptions({ search: text, limit: SHOWN_EACH }, { enabled: asking }),
  );
  const found: Found[] = [
    ...byNumber(text),
    ...actsOn(text, roles),
    ...PAGES.filter(({ title }) => title.toLowerCase().startsWith(text.toLowerCase())),
    ...(agents.data?.agents ?? []).map((agent) => ({
      title: agent.name,
      detail: agent.title,
      kind: "agent",
      href: `/agents/${agent.name}`,
    })),
    ...(alerts.data?.alerts ?? []).map((alert) => ({
      title: alertName(alert.number),
      detail: alert.title,
      kind: "alert",
      href: `/alerts?alert=${alert.number}`,
    })),
    ...(asking ? [inAudit(text)] : []),
  ];
  return { found, pending: asking && (agents.isPending || alerts.isPending) };
}

/** `AL-12` as what may be done with it: each leads to its dialog, and does nothing by itself. */
export function actsOn(text: string, roles: readonly string[]): Found[] {
  const number = Number(/^al-?0*(\d{1,9})$/i.exec(text)?.[1]);
  if (!number) return [];
  return ALERT_ACTIONS.filter(({ needs }) => needs.every((need) => permits(roles, need))).map(
    ({ name, label }) => ({
      title: `${alertName(number)}: ${label}`,
      detail: "",
      kind: "act",
      href: `/alerts/${number}?act=${name}`,
    }),
  );
}

/** `INC-3` and `AL-12` as destinations. */
export function byNumber(text: string): Found[] {
  const match = /^(inc|al)-?0*(\d{1,9})$/i.exec(text);
  const number = Number(match?.[2]);
  if (!match || number === 0) return [];
  return match[1]?.toLowerCase() === "inc"
    ? [{ title: incidentName(number), detail: "", kind: "incident", href: `/incidents/${number}` }]
    : [{ title: alertName(number), detail: "", kind: "alert", href: `/alerts?alert=${number}` }];
}

function inAudit(text: string): Found {
  return {
    title: text,
    detail: "search the audit records for this transaction, subject or data set",
    kind: "audit",
    href: `/audit?q=${encodeURIComponent(text)}`,
  };
}
