"use client";

import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { PolicyVersionRow } from "#server/layers/authorization/proposal-schema.ts";
import { useTRPC } from "../../trpc/client.ts";
import { CopyText } from "../../ui/copy-text.tsx";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { shortDigest } from "../../ui/format.ts";
import { Instant } from "../../ui/instant.tsx";
import { Loaded } from "../../ui/loaded.tsx";
import { Panel } from "../../ui/panel.tsx";
import { useUrlParam } from "../../ui/use-url-param.ts";
import { ChangeList, EffectCounts } from "./change-list.tsx";
import classes from "./policy.module.css";

const COLUMNS: readonly Column<PolicyVersionRow>[] = [
  { key: "version", header: "Version", primary: true, render: ({ version }) => version },
  { key: "at", header: "In force from", render: ({ createdAt }) => <Instant at={createdAt} /> },
  { key: "by", header: "Proposed by", wideOnly: true, render: ({ createdBy }) => createdBy.name },
  {
    key: "approved",
    header: "Approved by",
    render: ({ approvedBy }) => approvedBy?.name ?? <span className="muted">nobody: the set-up</span>,
  },
  {
    key: "why",
    header: "Why",
    grow: true,
    wideOnly: true,
    render: ({ reason }) => <span title={reason ?? ""}>{reason}</span>,
  },
  {
    key: "digest",
    header: "Digest",
    wideOnly: true,
    render: ({ digest, version }) => (
      <CopyText text={digest} shown={shortDigest(digest, 8)} label={`digest of version ${version}`} />
    ),
  },
];

/** Every version that ever counted, and in what any two differ. */
export function PolicyVersions() {
  const trpc = useTRPC();
  const [from, setFrom] = useUrlParam("from");
  const [to, setTo] = useUrlParam("to");
  const versions = useQuery(trpc.policy.versions.queryOptions({ limit: 100 }));
  return (
    <Loaded query={versions} what="the versions" rows={4}>
      {({ versions: rows }) => {
        const newest = rows[0]?.version ?? 1;
        const is = numberOf(to) ?? newest;
        const was = numberOf(from) ?? Math.max(1, is - 1);
        const options = rows.map(({ version }) => ({ value: String(version), label: `Version ${version}` }));
        return (
          <>
            <Panel title="Versions" note={`${newest} until now`} flush>
              <DataTable
                label="Versions of the policy"
                columns={COLUMNS}
                rows={rows}
                rowKey={({ version }) => String(version)}
                rowHref={({ version }) => `/policy?from=${Math.max(1, version - 1)}&to=${version}#difference`}
                selected={to}
              />
            </Panel>
            {rows.length > 1 ? (
              <>
                <div id="difference" className={classes.bar}>
                  <Select
                    label="From"
                    data={options}
                    value={String(was)}
                    onChange={setFrom}
                    allowDeselect={false}
                  />
                  <Select
                    label="To"
                    data={options}
                    value={String(is)}
                    onChange={setTo}
                    allowDeselect={false}
                  />
                </div>
                <Difference from={was} to={is} />
              </>
            ) : null}
          </>
        );
      }}
    </Loaded>
  );
}

function Difference({ from, to }: { from: number; to: number }) {
  const trpc = useTRPC();
  const diff = useQuery(trpc.policy.diff.queryOptions({ from, to }));
  const users = useQuery(trpc.users.list.queryOptions());
  const people = Object.fromEntries((users.data ?? []).map(({ id, name }) => [id, name]));
  const title = `From version ${from} to version ${to}`;
  return (
    <Loaded query={diff} what="the difference" rows={3}>
      {({ changes }) => (
        <Panel title={title} note={<EffectCounts changes={changes} />} flush>
          <ChangeList changes={changes} people={people} label={title} />
        </Panel>
      )}
    </Loaded>
  );
}

function numberOf(text: string | null): number | null {
  return text !== null && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : null;
}
