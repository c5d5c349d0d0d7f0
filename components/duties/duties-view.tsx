"use client";

import { TextInput } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import {
  ACT_KINDS,
  type DutiesReport,
  type DutyAct,
  type DutyFinding,
} from "#server/layers/authorization/duties-schema.ts";
import { useTRPC } from "../trpc/client.ts";
import { SeverityBadge } from "../ui/badge.tsx";
import { type Column, DataTable } from "../ui/data-table.tsx";
import { Instant } from "../ui/instant.tsx";
import { Loaded } from "../ui/loaded.tsx";
import { EmptyState } from "../ui/notices.tsx";
import page from "../ui/page.module.css";
import { PageHead } from "../ui/page-head.tsx";
import { Panel } from "../ui/panel.tsx";
import { useNow } from "../ui/server-clock.ts";
import { useUrlParam } from "../ui/use-url-param.ts";
import { periodWords, readPeriod } from "./duty-period.ts";
import { KIND_WORDS, lookedAt, partyNames, RULE_WORDS } from "./duty-words.ts";

/** Where two people were needed: who asked, who decided, and where they were not two or not free of each other. */
export function DutiesView() {
  const trpc = useTRPC();
  const [first, setFirst] = useUrlParam("from");
  const [last, setLast] = useUrlParam("to");
  const period = readPeriod(first, last, useNow());
  const report = useQuery(
    trpc.duties.report.queryOptions(
      { from: period.from, to: period.to },
      { placeholderData: keepPreviousData },
    ),
  );
  return (
    <>
      <PageHead title="Separation of duties" line={report.data ? headLine(report.data) : null} />
      <search className={page.filters} aria-label="Period">
        <Day label="From" value={period.firstDay} max={period.lastDay} onChange={setFirst} />
        <Day label="To" value={period.lastDay} min={period.firstDay} onChange={setLast} />
      </search>
      <Loaded query={report} what="the report" rows={8}>
        {(data) => <Report report={data} />}
      </Loaded>
    </>
  );
}

function headLine({ acts, findings }: DutiesReport): string {
  const found = findings.length === 1 ? "1 finding" : `${findings.length || "no"} findings`;
  return `${acts.length} ${acts.length === 1 ? "act" : "acts"}, ${found}`;
}

type DayProps = {
  label: string;
  value: string;
  min?: string;
  max?: string;
  onChange: (day: string | null) => void;
};

function Day({ label, value, min, max, onChange }: DayProps) {
  return (
    <TextInput
      type="date"
      label={`${label} (UTC)`}
      value={value}
      min={min}
      max={max}
      onChange={(event) => onChange(event.currentTarget.value || null)}
    />
  );
}

function Report({ report }: { report: DutiesReport }) {
  const { acts, findings, counts, cut } = report;
  const days = periodWords(report);
  return (
    <div className={page.stack}>
      <Panel
        title="Findings"
        note={cut ? "More acts than one report holds: choose a shorter period" : days}
        flush
      >
        {findings.length === 0 ? (
          <EmptyState title={`${acts.length} ${acts.length === 1 ? "act" : "acts"}, no finding`}>
            Looked at, {days}: {lookedAt(counts)}. In none of them did somebody decide what they had asked for
            or what is theirs, or act alone.
          </EmptyState>
        ) : (
          <DataTable
            label="Findings"
            columns={FINDING_COLUMNS}
            rows={findings}
            rowKey={({ rule, acts: of, text }) => `${rule} ${of.join(" ")} ${text}`}
          />
        )}
      </Panel>
      <Panel title="Acts that needed two people" note={lookedAt(counts)} flush>
        {acts.length === 0 ? (
          <EmptyState title="No act in this period">
            {ACT_KINDS.map((kind) => KIND_WORDS[kind]).join(", ")}: none was decided, {days}.
          </EmptyState>
        ) : (
          <DataTable label="Acts" columns={ACT_COLUMNS} rows={acts} rowKey={({ key }) => key} />
        )}
      </Panel>
    </div>
  );
}

const FINDING_COLUMNS: readonly Column<DutyFinding>[] = [
  { key: "rule", header: "Finding", render: ({ rule }) => RULE_WORDS[rule] },
  { key: "severity", header: "Severity", render: ({ severity }) => <SeverityBadge severity={severity} /> },
  {
    key: "text",
    header: "What",
    grow: true,
    render: ({ text }) => <span style={{ whiteSpace: "normal" }}>{text}</span>,
  },
  { key: "at", header: "When", wideOnly: true, render: ({ at }) => <Instant at={at} /> },
];

const ACT_COLUMNS: readonly Column<DutyAct>[] = [
  { key: "kind", header: "Kind", wideOnly: true, render: ({ kind }) => KIND_WORDS[kind] },
  {
    key: "what",
    header: "What",
    grow: true,
    render: ({ what, href }) => (href ? <Link href={href}>{what}</Link> : what),
  },
  { key: "outcome", header: "Outcome", render: ({ outcome }) => outcome.replaceAll("-", " ") },
  { key: "asked", header: "Asked by", render: ({ asked }) => (asked ? partyNames([asked]) : "nobody") },
  {
    key: "decided",
    header: "Decided by",
    render: ({ decided }) => partyNames(decided) || <span className="muted">nobody</span>,
  },
  { key: "at", header: "When", wideOnly: true, render: ({ at }) => <Instant at={at} /> },
];
