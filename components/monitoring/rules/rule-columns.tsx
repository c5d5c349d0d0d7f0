import type { RuleRow } from "#server/layers/monitoring/rule-change-schema.ts";
import { Badge, SeverityBadge } from "../../ui/badge.tsx";
import type { Column } from "../../ui/data-table.tsx";
import { Instant } from "../../ui/instant.tsx";
import { falseShare } from "./rule-share.ts";
import { TagsInShort } from "./rule-tags.tsx";

/** The table of rules. Columns whose key begins with `extra` give way to an open detail. */
export const RULE_COLUMNS: readonly Column<RuleRow>[] = [
  { key: "severity", header: "Severity", render: ({ rule }) => <SeverityBadge severity={rule.severity} /> },
  { key: "title", header: "Rule", primary: true, grow: true, render: ({ rule }) => rule.title },
  {
    key: "state",
    header: "State",
    render: ({ rule }) => (rule.enabled ? <Badge tone="ok">on</Badge> : <Badge tone="neutral">off</Badge>),
  },
  { key: "does", header: "Does", wideOnly: true, render: ({ rule }) => DOES[rule.does] },
  {
    key: "extra-tags",
    header: "Looks for",
    wideOnly: true,
    render: ({ rule }) => <TagsInShort tags={rule.tags} />,
  },
  {
    key: "last",
    header: "Last fired",
    wideOnly: true,
    render: ({ lastFiredAt }) =>
      lastFiredAt ? <Instant at={lastFiredAt} as="age" /> : <span className="muted">never</span>,
  },
  {
    key: "alerts",
    header: "Alerts",
    align: "right",
    render: ({ alerts, open }) => (open > 0 ? `${alerts} (${open} open)` : String(alerts)),
  },
  {
    key: "extra-false",
    header: "False positives",
    align: "right",
    wideOnly: true,
    render: (row) => falseShare(row) ?? <span className="muted">none closed</span>,
  },
];

const DOES = { alert: "alerts", refuse: "refuses, alerts", limit: "limits, alerts" } as const;
