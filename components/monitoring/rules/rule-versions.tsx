"use client";

import { Button, Modal } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { usePermits } from "../../shell/operator.tsx";
import { useTRPC } from "../../trpc/client.ts";
import { ActionError } from "../../ui/action-error.tsx";
import { CopyText } from "../../ui/copy-text.tsx";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { shortDigest } from "../../ui/format.ts";
import { Instant } from "../../ui/instant.tsx";
import { Loaded } from "../../ui/loaded.tsx";
import page from "../../ui/page.module.css";
import { Panel } from "../../ui/panel.tsx";
import { ReasonField } from "../../ui/reason-field.tsx";

type Row = {
  version: number;
  createdAt: Date;
  createdBy: { name: string };
  approvedBy: { name: string } | null;
  reason: string | null;
  digest: string;
  rules: number;
};

const COLUMNS: readonly Column<Row>[] = [
  { key: "version", header: "Version", render: ({ version }) => version },
  { key: "at", header: "In force from", render: ({ createdAt }) => <Instant at={createdAt} /> },
  { key: "by", header: "Proposed by", wideOnly: true, render: ({ createdBy }) => createdBy.name },
  {
    key: "approved",
    header: "Approved by",
    wideOnly: true,
    render: ({ approvedBy }) => approvedBy?.name ?? <span className="muted">nobody: the set-up</span>,
  },
  { key: "why", header: "Why", grow: true, wideOnly: true, render: ({ reason }) => reason },
  { key: "rules", header: "Rules", align: "right", render: ({ rules }) => rules },
  {
    key: "digest",
    header: "Digest",
    wideOnly: true,
    render: ({ digest, version }) => (
      <CopyText text={digest} shown={shortDigest(digest, 8)} label={`digest of version ${version}`} />
    ),
  },
];

/** Every version that counted; an earlier one can be proposed again, as a new version. */
export function RuleVersions() {
  const trpc = useTRPC();
  const mayChange = usePermits("rules.change");
  const versions = useQuery(trpc.rules.versions.queryOptions());
  const [back, setBack] = useState<number | null>(null);
  return (
    <Loaded query={versions} what="the versions" rows={3}>
      {({ versions: rows }) => {
        const newest = rows[0]?.version ?? 1;
        const again: Column<Row> = {
          key: "again",
          header: "",
          render: ({ version }) =>
            version === newest ? (
              <span className="muted">counts now</span>
            ) : (
              <Button size="compact-xs" variant="default" onClick={() => setBack(version)}>
                Propose again
              </Button>
            ),
        };
        return (
          <Panel title="Versions" flush>
            <DataTable
              label="Versions of the rules"
              columns={mayChange ? [...COLUMNS, again] : COLUMNS}
              rows={rows}
              rowKey={({ version }) => String(version)}
            />
            {back === null ? null : <RollBack to={back} base={newest} onClose={() => setBack(null)} />}
          </Panel>
        );
      }}
    </Loaded>
  );
}

function RollBack({ to, base, onClose }: { to: number; base: number; onClose: () => void }) {
  const trpc = useTRPC();
  const [reason, setReason] = useState("");
  const propose = useMutation(trpc.rules.propose.mutationOptions({ onSuccess: onClose }));
  return (
    <Modal
      opened
      onClose={onClose}
      title={`Propose the rules of version ${to} again`}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <div className={page.form}>
        <span>
          They become version {base + 1} once somebody else approves. Versions in between stay as they were.
        </span>
        <ReasonField value={reason} onChange={setReason} />
        <ActionError error={propose.error} />
        <Button
          disabled={reason.trim().length < 3}
          loading={propose.isPending}
          onClick={() => propose.mutate({ baseVersion: base, rollBackTo: to, reason: reason.trim() })}
        >
          Propose version {base + 1}
        </Button>
      </div>
    </Modal>
  );
}
