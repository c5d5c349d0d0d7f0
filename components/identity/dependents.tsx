"use client";

import { Button, Modal } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import type { AuthorityView } from "#server/layers/identity/authority-schema.ts";
import { useTRPC } from "../trpc/client.ts";
import { StatusBadge } from "../ui/badge.tsx";
import { DataTable } from "../ui/data-table.tsx";
import { Instant } from "../ui/instant.tsx";
import { Loaded } from "../ui/loaded.tsx";
import { EmptyState } from "../ui/notices.tsx";
import page from "../ui/page.module.css";

/** Who would break if an authority were revoked now: the agents whose newest certificate is of it. */
export function Dependents({ authority, onClose }: { authority: AuthorityView | null; onClose: () => void }) {
  return (
    <Modal
      opened={authority !== null}
      onClose={onClose}
      size="xl"
      title={`Who depends on ${authority?.subject.replace(/^CN=/, "") ?? ""}`}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      {authority ? <DependentList authorityId={authority.id} purpose={authority.purpose} /> : null}
    </Modal>
  );
}

function DependentList({ authorityId, purpose }: { authorityId: string; purpose: string }) {
  const trpc = useTRPC();
  const dependents = useInfiniteQuery(
    trpc.authorities.dependents.infiniteQueryOptions(
      { authorityId, limit: 100 },
      { getNextPageParam: (last) => last.nextCursor ?? undefined },
    ),
  );
  return (
    <Loaded query={dependents} what="who depends on it">
      {({ pages }) => {
        const rows = pages.flatMap((one) => one.dependents);
        if (rows.length === 0)
          return (
            <EmptyState title={purpose === "server" ? "Vigil's own doors" : "Nobody"}>
              {purpose === "server"
                ? "The gateways present a certificate of this authority. They change it by themselves when a successor signs."
                : "No agent's newest certificate is of this authority."}
            </EmptyState>
          );
        return (
          <>
            <DataTable
              label="Agents that depend on the authority"
              rows={rows}
              rowKey={(one) => one.agentName}
              rowHref={(one) => `/agents/${one.agentName}`}
              columns={[
                { key: "agent", header: "Agent", primary: true, render: (one) => one.agentName },
                {
                  key: "status",
                  header: "Agent is",
                  render: (one) => <StatusBadge status={one.agentStatus} />,
                },
                {
                  key: "seen",
                  header: "Last seen",
                  render: (one) => (one.lastSeenAt ? <Instant at={one.lastSeenAt} as="ago" /> : "never"),
                },
                { key: "ends", header: "Certificate ends", render: (one) => <Instant at={one.notAfter} /> },
              ]}
            />
            {dependents.hasNextPage ? (
              <div className={page.more}>
                <Button
                  variant="default"
                  loading={dependents.isFetchingNextPage}
                  onClick={() => void dependents.fetchNextPage()}
                >
                  Show more
                </Button>
              </div>
            ) : null}
          </>
        );
      }}
    </Loaded>
  );
}
