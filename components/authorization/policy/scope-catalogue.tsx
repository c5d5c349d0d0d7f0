"use client";

import type { ScopeRule } from "#server/layers/authorization/policy-schema.ts";
import type { CurrentPolicyView } from "#server/layers/authorization/proposal-schema.ts";
import { sumsInWords, whoDecides } from "#server/layers/authorization/words-schema.ts";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { Facts } from "../../ui/page-head.tsx";
import { Panel } from "../../ui/panel.tsx";
import { useUrlParam } from "../../ui/use-url-param.ts";
import { durationWords } from "../duration.ts";
import { RiskBadge } from "../risk.tsx";
import classes from "./policy.module.css";

/** Every scope that there is: how risky, for how long, who decides, and how many agents hold it now. */
export function ScopeCatalogue({ policy }: { policy: CurrentPolicyView }) {
  const { document, holders } = policy;
  const [shown] = useUrlParam("scope");
  const rule = document.scopes.find(({ scope }) => scope === shown) ?? null;
  const columns: readonly Column<ScopeRule>[] = [
    {
      key: "scope",
      header: "Scope",
      primary: true,
      render: (it) => <span className="mono">{it.scope}</span>,
    },
    { key: "title", header: "Allows", grow: true, wideOnly: true, render: (it) => it.title },
    { key: "risk", header: "Risk", render: (it) => <RiskBadge risk={it.risk} /> },
    { key: "group", header: "Group", wideOnly: true, render: (it) => it.group },
    {
      key: "time",
      header: "At most",
      render: (it) => (it.secondsMax === null ? "for good" : durationWords(it.secondsMax)),
    },
    {
      key: "who",
      header: "Who decides",
      wideOnly: true,
      render: (it) => whoDecides(it.steps, document.approverGroups),
    },
    { key: "actions", header: "Patterns", align: "right", wideOnly: true, render: (it) => it.actions.length },
    { key: "held", header: "Held by", align: "right", render: (it) => agents(holders[it.scope]) },
  ];
  return (
    <>
      <Panel title="Scopes" note={`${document.scopes.length} scopes`} flush>
        <DataTable
          label="Scopes"
          columns={columns}
          rows={document.scopes}
          rowKey={(it) => it.scope}
          rowHref={(it) => (it.scope === shown ? "/policy" : `/policy?scope=${encodeURIComponent(it.scope)}`)}
          selected={shown}
        />
      </Panel>
      {rule ? <OneScope rule={rule} policy={policy} /> : null}
    </>
  );
}

function OneScope({ rule, policy }: { rule: ScopeRule; policy: CurrentPolicyView }) {
  const groups = policy.document.approverGroups;
  return (
    <Panel title={rule.scope} state={<RiskBadge risk={rule.risk} />}>
      <Facts
        facts={[
          ["Allows", rule.title],
          ["Who decides", whoDecides(rule.steps, groups)],
          ["Held by", `${agents(policy.holders[rule.scope])} now`],
          ["Sums", sumsInWords(rule.amounts, groups)],
          [
            "Actions",
            <span key="actions" className={`mono ${classes.cell}`}>
              {rule.actions.join(", ") || "none but one of its own name"}
            </span>,
          ],
        ]}
      />
    </Panel>
  );
}

function agents(count = 0): string {
  return `${count} ${count === 1 ? "agent" : "agents"}`;
}
