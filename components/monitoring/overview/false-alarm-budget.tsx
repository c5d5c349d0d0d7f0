"use client";

import type { BehaviourOverview } from "#server/layers/monitoring/overview-schema.ts";
import { RESPONSE_THRESHOLDS } from "#server/layers/monitoring/schema.ts";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { formatCount, formatPercent } from "../../ui/format.ts";
import { Meter } from "../../ui/meter.tsx";
import { EmptyState } from "../../ui/notices.tsx";
import { Panel } from "../../ui/panel.tsx";
import { type BudgetRow, budgetRows, type Line } from "./budget-rows.ts";

const DOES: Record<Line, string> = { record: "recorded", limit: "limited, watched", contain: "contained" };
const rate = (value: number) => (value === 0 ? "0" : Number(value.toPrecision(2)).toString());

/** What the three lines declare, and what they kept in the last seven days. */
export function FalseAlarmBudget({ budget }: { budget: BehaviourOverview["budget"] }) {
  return (
    <Panel
      title="False-alarm budget"
      note={`last 7 days, ${formatCount(budget.agentDays)} agent-days; an alarm counts once an hour, as false until it is called true`}
      flush
    >
      {budget.agentDays === 0 ? (
        <EmptyState title="Nothing was scored in the last seven days">
          The budget is measured as soon as an agent has a baseline.
        </EmptyState>
      ) : (
        <DataTable
          label="False-alarm budget"
          columns={COLUMNS}
          rows={budgetRows(budget)}
          rowKey={({ line }) => line}
        />
      )}
    </Panel>
  );
}

const COLUMNS: readonly Column<BudgetRow>[] = [
  {
    key: "line",
    header: "Above",
    grow: true,
    render: ({ line }) => `${RESPONSE_THRESHOLDS[line]} – ${DOES[line]}`,
  },
  {
    key: "declared",
    header: "Declared / agent-day",
    align: "right",
    wideOnly: true,
    render: ({ declared }) => rate(declared),
  },
  {
    key: "measured",
    header: "Measured",
    align: "right",
    render: ({ measured }) => (measured === null ? "—" : rate(measured)),
  },
  {
    key: "alarms",
    header: "Alarms",
    align: "right",
    render: ({ alarms }) => formatCount(alarms),
  },
  {
    key: "judged",
    header: "True / false / not judged",
    align: "right",
    wideOnly: true,
    render: ({ judgedTrue, judgedFalse, unjudged }) => `${judgedTrue} / ${judgedFalse} / ${unjudged}`,
  },
  {
    key: "used",
    header: "Budget used",
    render: ({ used, line }) => <Used used={used} line={line} />,
  },
];

function Used({ used, line }: { used: number | null; line: Line }) {
  if (used === null) return "—";
  const words = used > 10 ? `${Math.round(used)}-fold` : formatPercent(used);
  return (
    <div style={{ display: "grid", gap: 3, minWidth: 90 }}>
      <span>{words}</span>
      <Meter
        part={used}
        tone={used > 1 ? "critical" : used > 0.8 ? "medium" : "ok"}
        label={`${words} of what ${RESPONSE_THRESHOLDS[line]} declares`}
      />
    </div>
  );
}
