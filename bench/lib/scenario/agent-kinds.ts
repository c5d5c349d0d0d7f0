import type { LocalTime } from "./calendar.ts";

/** One thing an agent can do. `next` is how likely each of the kind's tools follows, in their order. */
export type Tool = {
  action: string;
  object: string;
  /** How many different endpoints it calls, the first most often (Zipf). */
  endpoints: number;
  bytesMedian: number;
  bytesSigma: number;
  next: readonly number[];
};

/** A kind of agent: its day and week, its volume and its tools. */
export type AgentKind = {
  name: string;
  /** Calls a minute at its busiest. */
  callsPerMinute: number;
  /** Share of the busiest at a local time, on business days and on others. */
  curve: (time: LocalTime, businessDay: boolean) => number;
  /** Spread of its autocorrelated noise (logarithm). */
  noise: number;
  refusedShare: number;
  /** How much month end multiplies its work by. */
  monthEnd: number;
  tools: readonly Tool[];
};

/** A smooth hump from `from` to `to` (hours), with its edges half an hour wide. */
function hump(minute: number, from: number, to: number): number {
  const hour = minute / 60;
  return smooth((hour - from) * 2) * smooth((to - hour) * 2);
}

function smooth(x: number): number {
  return x <= 0 ? 0 : x >= 1 ? 1 : x * x * (3 - 2 * x);
}

function tool(
  action: string,
  object: string,
  endpoints: number,
  bytesMedian: number,
  next: readonly number[],
  bytesSigma = 0.6,
): Tool {
  return { action, object, endpoints, bytesMedian, bytesSigma, next };
}

export const AGENT_KINDS: readonly AgentKind[] = [
  {
    name: "service",
    callsPerMinute: 9,
    curve: ({ minute }, open) =>
      open
        ? hump(minute, 7, 20) *
          (0.55 + 0.45 * Math.sin((Math.PI * (minute / 60 - 7)) / 13) - 0.15 * hump(minute, 12, 13.5))
        : 0.25 * hump(minute, 9, 15),
    noise: 0.22,
    refusedShare: 0.01,
    monthEnd: 1.2,
    tools: [
      tool("customers.read", "customer", 12, 4_000, [0.1, 0.5, 0.3, 0.1, 0]),
      tool("accounts.read", "account", 8, 6_000, [0.1, 0.1, 0.5, 0.2, 0.1]),
      tool("transactions.read", "transaction", 6, 14_000, [0.2, 0.2, 0.2, 0.3, 0.1]),
      tool("cases.write", "case", 3, 1_500, [0.8, 0.1, 0, 0, 0.1]),
      tool("documents.read", "document", 5, 60_000, [0.3, 0.2, 0.1, 0.4, 0], 1),
    ],
  },
  {
    name: "fraud",
    callsPerMinute: 18,
    curve: ({ minute }, open) =>
      (0.22 + 0.78 * Math.max(0, Math.sin((Math.PI * (minute / 60 - 6)) / 17))) * (open ? 1 : 0.7),
    noise: 0.15,
    refusedShare: 0.004,
    monthEnd: 1.5,
    tools: [
      tool("transactions.read", "transaction", 4, 3_000, [0.02, 0.95, 0.02, 0.01]),
      tool("score.compute", "score", 1, 800, [0.3, 0.02, 0.6, 0.08]),
      tool("alerts.create", "alert", 1, 900, [0.93, 0.02, 0.02, 0.03]),
      tool("customers.read", "customer", 6, 5_000, [0.1, 0.8, 0.1, 0]),
    ],
  },
  {
    name: "reconciliation",
    callsPerMinute: 24,
    curve: ({ minute }, open) =>
      hump(minute, 1, 3) * 0.9 +
      (open && minute % 60 >= 5 && minute % 60 < 17 ? 0.5 * hump(minute, 6, 22) : 0),
    noise: 0.12,
    refusedShare: 0.002,
    monthEnd: 2.5,
    tools: [
      tool("ledger.read", "ledger", 10, 40_000, [0.05, 0.92, 0.03, 0], 0.4),
      tool("settlement.read", "settlement", 10, 55_000, [0.03, 0.02, 0.95, 0], 0.4),
      tool("entries.match", "ledger", 2, 2_000, [0.9, 0.02, 0.02, 0.06]),
      tool("exceptions.write", "case", 1, 1_200, [0.97, 0.01, 0.01, 0.01]),
    ],
  },
  {
    name: "underwriting",
    callsPerMinute: 3.5,
    curve: ({ minute }, open) => (open ? hump(minute, 8, 18) * (0.8 + 0.2 * Math.sin(minute / 90)) : 0),
    noise: 0.3,
    refusedShare: 0.02,
    monthEnd: 1.3,
    tools: [
      tool("applications.read", "application", 4, 25_000, [0.05, 0.7, 0.2, 0.05]),
      tool("bureau.query", "credit-file", 3, 18_000, [0.1, 0.1, 0.7, 0.1]),
      tool("income.verify", "income", 4, 9_000, [0.1, 0.2, 0.1, 0.6]),
      tool("decision.write", "decision", 1, 2_500, [0.85, 0.05, 0.05, 0.05]),
    ],
  },
  {
    name: "reporting",
    callsPerMinute: 8,
    curve: ({ minute }, open) => hump(minute, 5, 8) + (open ? 0.2 * hump(minute, 9, 17.5) : 0),
    noise: 0.25,
    refusedShare: 0.005,
    monthEnd: 3,
    tools: [
      tool("warehouse.query", "aggregate", 25, 220_000, [0.5, 0.35, 0.15], 0.9),
      tool("reports.render", "report", 6, 90_000, [0.5, 0.1, 0.4]),
      tool("reports.export", "report", 3, 400_000, [0.9, 0.05, 0.05], 0.8),
    ],
  },
  {
    name: "market-watch",
    callsPerMinute: 6,
    curve: ({ minute }, open) => (open ? hump(minute, 9, 16.5) : 0),
    noise: 0.06,
    refusedShare: 0.001,
    monthEnd: 1,
    tools: [
      tool("quotes.read", "quote", 8, 2_000, [0.6, 0.4, 0], 0.2),
      tool("positions.read", "position", 2, 12_000, [0.85, 0.05, 0.1], 0.3),
      tool("limits.alert", "alert", 1, 700, [1, 0, 0]),
    ],
  },
  {
    name: "compliance",
    callsPerMinute: 12,
    curve: ({ minute }) => hump(minute, 22, 24.5) + hump(minute, -1, 4.5),
    noise: 0.18,
    refusedShare: 0.008,
    monthEnd: 1.1,
    tools: [
      tool("screening.query", "sanction-list", 5, 3_500, [0.3, 0.6, 0.1]),
      tool("customers.read", "customer", 40, 4_500, [0.6, 0.3, 0.1]),
      tool("findings.write", "case", 2, 1_000, [0.9, 0.05, 0.05]),
    ],
  },
];
