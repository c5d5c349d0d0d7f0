"use client";

import { Button, Select } from "@mantine/core";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { PURPOSES, type Purpose } from "#server/layers/identity/schema.ts";
import { LifeBar } from "../identity/life-bar.tsx";
import { useTRPC } from "../trpc/client.ts";
import { StatusBadge } from "../ui/badge.tsx";
import { DataTable } from "../ui/data-table.tsx";
import { Instant } from "../ui/instant.tsx";
import { Loaded } from "../ui/loaded.tsx";
import { EmptyState } from "../ui/notices.tsx";
import page from "../ui/page.module.css";
import { PageHead } from "../ui/page-head.tsx";
import { Panel } from "../ui/panel.tsx";
import { useUrlParam } from "../ui/use-url-param.ts";

/** Every live certificate by its end: what must change next, and how much of its life is used. */
export function RotationView() {
  const trpc = useTRPC();
  const [purposeParam, setPurpose] = useUrlParam("purpose");
  const purpose: Purpose | undefined = PURPOSES.find((one) => one === purposeParam);
  const credentials = useInfiniteQuery(
    trpc.agents.credentials.infiniteQueryOptions(
      { limit: 100, purpose },
      { getNextPageParam: (last) => last.nextCursor ?? undefined, placeholderData: keepPreviousData },
    ),
  );
  return (
    <>
      <PageHead
        title="Rotation"
        line="Agents renew their certificates when two thirds of the life are over, with a new key each time."
      />
      <div className={page.filters}>
        <Select
          aria-label="Purpose"
          placeholder="Any purpose"
          clearable
          data={[...PURPOSES]}
          value={purpose ?? null}
          onChange={setPurpose}
          w={160}
        />
      </div>
      <Panel
        title="Live certificates"
        note={credentials.data ? `${credentials.data.pages[0]?.total ?? 0}, the first to end on top` : null}
        flush
      >
        <Loaded query={credentials} what="the certificates" rows={10}>
          {({ pages }) => {
            const rows = pages.flatMap((one) => one.credentials);
            if (rows.length === 0)
              return (
                <EmptyState title="No certificates">
                  An agent gets its five certificates when it enrols with a join token.
                </EmptyState>
              );
            return (
              <DataTable
                label="Certificates by their end"
                rows={rows}
                rowKey={(one) => one.id}
                rowHref={(one) => `/agents/${one.agentName}`}
                columns={[
                  { key: "agent", header: "Agent", primary: true, render: (one) => one.agentName },
                  { key: "purpose", header: "Purpose", render: (one) => one.purpose },
                  {
                    key: "life",
                    header: "Life used",
                    render: (one) => (
                      <div style={{ minWidth: 220 }}>
                        <LifeBar purpose={one.purpose} notBefore={one.notBefore} notAfter={one.notAfter} />
                      </div>
                    ),
                  },
                  {
                    key: "ends",
                    header: "Ends",
                    wideOnly: true,
                    render: (one) => <Instant at={one.notAfter} />,
                  },
                  {
                    key: "issued",
                    header: "Issued",
                    wideOnly: true,
                    render: (one) => (
                      <>
                        <Instant at={one.issuedAt} as="ago" />
                      </>
                    ),
                  },
                  {
                    key: "status",
                    header: "Agent is",
                    wideOnly: true,
                    render: (one) => <StatusBadge status={one.agentStatus} />,
                  },
                ]}
              />
            );
          }}
        </Loaded>
        {credentials.hasNextPage ? (
          <div className={page.more}>
            <Button
              variant="default"
              loading={credentials.isFetchingNextPage}
              onClick={() => void credentials.fetchNextPage()}
            >
              Show more
            </Button>
          </div>
        ) : null}
      </Panel>
    </>
  );
}
