"use client";

import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import type { RuleRow } from "#server/layers/monitoring/rule-change-schema.ts";
import { usePermits } from "../../shell/operator.tsx";
import { useTRPC } from "../../trpc/client.ts";
import { Badge } from "../../ui/badge.tsx";
import { DataTable } from "../../ui/data-table.tsx";
import { Instant } from "../../ui/instant.tsx";
import { Loaded } from "../../ui/loaded.tsx";
import { EmptyState } from "../../ui/notices.tsx";
import page from "../../ui/page.module.css";
import { PageHead } from "../../ui/page-head.tsx";
import { Panel } from "../../ui/panel.tsx";
import { useUrlParam } from "../../ui/use-url-param.ts";
import { OpenRuleProposal } from "./open-rule-proposal.tsx";
import { RULE_COLUMNS } from "./rule-columns.tsx";
import { RuleDetail } from "./rule-detail.tsx";
import { RuleVersions } from "./rule-versions.tsx";

/** The detection rules: what waits for a second person, what counts now and what it found, and how it came about. */
export function RulesView() {
  const trpc = useTRPC();
  const mayChange = usePermits("rules.change");
  const [chosen, setChosen] = useUrlParam("rule");
  const rules = useQuery(trpc.rules.current.queryOptions());
  const proposals = useQuery(trpc.rules.proposals.queryOptions({ status: "pending" }));
  return (
    <>
      <PageHead
        title="Detection rules"
        state={rules.data ? <Badge tone="ok">version {rules.data.version}</Badge> : null}
        line={
          rules.data ? (
            <>
              {rules.data.createdAt ? (
                <>
                  in force since <Instant at={rules.data.createdAt} />.{" "}
                </>
              ) : null}
              One person proposes a change, another decides.
            </>
          ) : null
        }
        actions={
          mayChange ? (
            <Button component={Link} href="/rules/change">
              New rule
            </Button>
          ) : null
        }
      />
      <div className={page.stack}>
        <Loaded query={proposals} what="the proposals" rows={2}>
          {({ proposals: open }) => (
            <>
              {open.map((proposal) => (
                <OpenRuleProposal key={proposal.id} proposal={proposal} />
              ))}
            </>
          )}
        </Loaded>
        <Loaded query={rules} what="the rules" rows={8}>
          {(set) => {
            const row = set.rules.find(({ rule }) => rule.id === chosen);
            return (
              <div className={row ? `${page.grid} ${page.two}` : page.grid}>
                <RuleTable rows={set.rules} chosen={row ? chosen : null} />
                {row ? <RuleDetail row={row} onClose={() => setChosen(null)} /> : null}
              </div>
            );
          }}
        </Loaded>
        <RuleVersions />
      </div>
    </>
  );
}

function RuleTable({ rows, chosen }: { rows: RuleRow[]; chosen: string | null }) {
  const on = rows.filter(({ rule }) => rule.enabled).length;
  return (
    <Panel title="Rules" note={`${on} of ${rows.length} on; alerts of 7 days`} flush>
      {rows.length === 0 ? (
        <EmptyState title="No rule">
          This version has none. Agents are judged by their score alone.
        </EmptyState>
      ) : (
        <DataTable
          label="Detection rules"
          columns={
            chosen === null ? RULE_COLUMNS : RULE_COLUMNS.filter(({ key }) => !key.startsWith("extra"))
          }
          rows={rows}
          rowKey={({ rule }) => rule.id}
          rowHref={({ rule }) => `/rules?rule=${rule.id}`}
          selected={chosen}
        />
      )}
    </Panel>
  );
}
