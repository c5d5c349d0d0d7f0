"use client";

import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import type { RuleRow } from "#server/layers/monitoring/rule-change-schema.ts";
import { agentWords, doesWords, ruleWords } from "#server/layers/monitoring/rule-words-schema.ts";
import { usePermits } from "../../shell/operator.tsx";
import { useTRPC } from "../../trpc/client.ts";
import { SeverityBadge } from "../../ui/badge.tsx";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { Instant } from "../../ui/instant.tsx";
import { Loaded } from "../../ui/loaded.tsx";
import { EmptyState } from "../../ui/notices.tsx";
import page from "../../ui/page.module.css";
import { Facts } from "../../ui/page-head.tsx";
import { Panel } from "../../ui/panel.tsx";
import { countWords } from "./count-words.ts";
import { falseShare } from "./rule-share.ts";
import { TagList } from "./rule-tags.tsx";
import classes from "./rules.module.css";

/** One rule: what it does in words made from its document, what it found, and what to think of when it fires. */
export function RuleDetail({ row, onClose }: { row: RuleRow; onClose: () => void }) {
  const mayChange = usePermits("rules.change");
  const { rule } = row;
  return (
    <div className={page.stack}>
      <Panel
        title={rule.title}
        state={<SeverityBadge severity={rule.severity} />}
        note={
          <>
            {mayChange ? (
              <Button
                size="compact-sm"
                variant="default"
                component={Link}
                href={`/rules/change?rule=${rule.id}`}
              >
                Change or try
              </Button>
            ) : null}
            <Button size="compact-sm" variant="subtle" onClick={onClose}>
              Close
            </Button>
          </>
        }
      >
        <p className={classes.words}>
          <strong>{ruleWords(rule)}</strong> {doesWords(rule)}
          {rule.enabled ? "" : " It is off: nothing is looked for."}
        </p>
        <p className={classes.words}>{rule.description}</p>
        <Facts
          facts={[
            ["Holds for", agentWords(rule)],
            ["When it is wrong", rule.falsePositives || null],
            ["Looks for", <TagList key="tags" tags={rule.tags} />],
            ["Fired, 7 days", row.firings],
            ["Alerts, 7 days", <Alerts key="alerts" row={row} />],
            ["False positives", falseShare(row) ?? "none closed"],
            [
              "Name",
              <span key="id" className="mono">
                {rule.id}
              </span>,
            ],
          ]}
        />
      </Panel>
      <Panel title="Examples" note={`${rule.examples.length}, all hold`}>
        <ul className={classes.said}>
          {rule.examples.map(({ title, fires }) => (
            <li key={title}>
              {fires ? "fires for" : "does not fire for"} {title}
            </li>
          ))}
        </ul>
      </Panel>
      <Firings rule={rule.id} />
    </div>
  );
}

function Alerts({ row: { rule, alerts, open } }: { row: RuleRow }) {
  return <Link href={`/alerts?q=${rule.id}`}>{`${alerts}, ${open} open`}</Link>;
}

type Firing = {
  id: string;
  agent: { name: string };
  lastAt: Date;
  counts: Record<string, number | string>;
  alertNumber: number;
};

const COLUMNS: readonly Column<Firing>[] = [
  { key: "agent", header: "Agent", primary: true, render: ({ agent }) => agent.name },
  { key: "at", header: "When", render: ({ lastAt }) => <Instant at={lastAt} /> },
  {
    key: "what",
    header: "Counted",
    grow: true,
    wideOnly: true,
    render: ({ counts }) => <span title={countWords(counts)}>{countWords(counts)}</span>,
  },
];

function Firings({ rule }: { rule: string }) {
  const trpc = useTRPC();
  const firings = useQuery(trpc.rules.firings.queryOptions({ rule, limit: 20 }));
  return (
    <Panel title="Last fired" flush>
      <Loaded query={firings} what="the firings" rows={3}>
        {({ firings: rows }) =>
          rows.length === 0 ? (
            <EmptyState title="It never fired">Nothing it looks for was seen since it is there.</EmptyState>
          ) : (
            <DataTable
              label="When it last fired"
              columns={COLUMNS}
              rows={rows}
              rowKey={({ id }) => id}
              rowHref={({ alertNumber }) => `/alerts/${alertNumber}`}
            />
          )
        }
      </Loaded>
    </Panel>
  );
}
