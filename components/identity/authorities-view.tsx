"use client";

import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { permits } from "#server/access/permissions.ts";
import type { AuthorityBoard, AuthorityView } from "#server/layers/identity/authority-schema.ts";
import { ISSUERS, type Issuer } from "#server/layers/identity/schema.ts";
import { useOperator } from "../shell/operator.tsx";
import { useTRPC } from "../trpc/client.ts";
import { Badge, StatusBadge } from "../ui/badge.tsx";
import { DataTable } from "../ui/data-table.tsx";
import { Instant } from "../ui/instant.tsx";
import { Loaded } from "../ui/loaded.tsx";
import page from "../ui/page.module.css";
import { PageHead } from "../ui/page-head.tsx";
import { Panel } from "../ui/panel.tsx";
import { AuthorityActs } from "./authority-acts.tsx";
import { Dependents } from "./dependents.tsx";
import { PrepareAuthority } from "./prepare-authority.tsx";

const WORDS: Record<AuthorityView["status"], string> = {
  prepared: "prepared: believed, signs nothing",
  active: "signs now",
  superseded: "superseded: its certificates count until they are renewed",
  tainted: "tainted: whoever depends on it is asked to renew",
  revoked: "revoked",
};

const titleOf = (purpose: string) => (purpose === "root" ? "Root" : `${sentence(purpose)} authorities`);
const sentence = (word: string) =>
  word === "oauth" ? "OAuth" : word.charAt(0).toUpperCase() + word.slice(1);

/** Who certifies whom: the root, the issuing authorities of each purpose, how far each has come, who depends on it. */
export function AuthoritiesView() {
  const trpc = useTRPC();
  const board = useQuery(trpc.authorities.list.queryOptions());
  const manages = permits(useOperator().roles, "authorities.manage");
  const [shown, setShown] = useState<AuthorityView | null>(null);
  return (
    <>
      <PageHead
        title="Certificate authorities"
        line="One signs for each purpose. A successor is prepared, takes over, and the old one is tainted and revoked when nobody depends on it."
      />
      <Loaded query={board} what="the authorities" rows={9}>
        {({ authorities, waiting }) => (
          <div className={page.stack}>
            {waiting.length > 0 ? <Waiting waiting={waiting} /> : null}
            {["root", ...ISSUERS].map((purpose) => (
              <Panel
                key={purpose}
                title={titleOf(purpose)}
                note={
                  manages && purpose !== "root" ? (
                    <Prepare purpose={purpose as Issuer} board={{ authorities, waiting }} />
                  ) : null
                }
                flush
              >
                <DataTable
                  label={titleOf(purpose)}
                  rows={authorities.filter((one) => one.purpose === purpose)}
                  rowKey={(one) => one.id}
                  columns={[
                    {
                      key: "subject",
                      header: "Authority",
                      grow: true,
                      render: (one) => (
                        <span title={`Key ${one.keyId}`}>{one.subject.replace(/^CN=/, "")}</span>
                      ),
                    },
                    { key: "status", header: "State", render: (one) => <State authority={one} /> },
                    {
                      key: "list",
                      header: "Revocation list",
                      wideOnly: true,
                      render: (one) => <List authority={one} />,
                    },
                    {
                      key: "ends",
                      header: "Ends",
                      wideOnly: true,
                      render: (one) => <Instant at={one.notAfter} />,
                    },
                    {
                      key: "dependents",
                      header: "Depend on it",
                      align: "right",
                      render: (one) =>
                        one.purpose === "root" ? null : (
                          <Button
                            size="compact-xs"
                            variant="subtle"
                            disabled={one.dependents === 0}
                            aria-label={`Who depends on ${one.subject.replace(/^CN=/, "")}: ${one.dependents}`}
                            onClick={() => setShown(one)}
                          >
                            {one.dependents}
                          </Button>
                        ),
                    },
                    {
                      key: "act",
                      header: "",
                      align: "right",
                      render: (one) =>
                        manages && one.purpose !== "root" ? <AuthorityActs authority={one} /> : null,
                    },
                  ]}
                />
              </Panel>
            ))}
          </div>
        )}
      </Loaded>
      <Dependents authority={shown} onClose={() => setShown(null)} />
    </>
  );
}

function State({ authority: { status, reason } }: { authority: AuthorityView }) {
  return (
    <span title={[WORDS[status], reason].filter(Boolean).join(". Why: ")}>
      <StatusBadge status={status} />
    </span>
  );
}

function List({ authority: { crlAt, crlNumber, crlNextUpdate, status } }: { authority: AuthorityView }) {
  if (status === "revoked") return <span className="muted">ended with it</span>;
  if (!crlAt || !crlNextUpdate) return <Badge tone="medium">not signed yet</Badge>;
  return (
    <>
      № {crlNumber}, until <Instant at={crlNextUpdate} />
    </>
  );
}

function Waiting({ waiting }: { waiting: AuthorityBoard["waiting"] }) {
  return (
    <Panel title="Waiting for the root" state={<Badge tone="medium">{waiting.length} asked for</Badge>}>
      <p style={{ margin: 0 }}>
        {waiting.map(({ purpose, reason, requestedAt }) => (
          <span key={purpose}>
            A new {purpose} authority, asked for <Instant at={requestedAt} as="ago" />: {reason}.{" "}
          </span>
        ))}
        While the root is online this takes seconds; where it is offline, whoever keeps its key runs{" "}
        <code>npx --no vigil authority sign</code>.
      </p>
    </Panel>
  );
}

function Prepare({ purpose, board }: { purpose: Issuer; board: AuthorityBoard }) {
  const inPreparation =
    board.waiting.some((one) => one.purpose === purpose) ||
    board.authorities.some((one) => one.purpose === purpose && one.status === "prepared");
  return <PrepareAuthority purpose={purpose} disabled={inPreparation} />;
}
