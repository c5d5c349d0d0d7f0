"use client";

import { Button } from "@mantine/core";
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useTRPC } from "../trpc/client.ts";
import { Badge } from "../ui/badge.tsx";
import { DataTable } from "../ui/data-table.tsx";
import { formatCount } from "../ui/format.ts";
import { Loaded } from "../ui/loaded.tsx";
import { EmptyState } from "../ui/notices.tsx";
import page from "../ui/page.module.css";
import { PageHead } from "../ui/page-head.tsx";
import { Panel } from "../ui/panel.tsx";
import { ExpiryOverview } from "./expiry-overview.tsx";
import { RADAR_COLUMNS, STATE_TONES } from "./radar-columns.tsx";
import { RadarFilters, useRadarFilter } from "./radar-filters.tsx";

const PAGE_SIZE = 100;

/** The expiry radar: what ends next, and whether its renewal goes as it should. */
export function RotationView() {
  const trpc = useTRPC();
  const radar = useRadarFilter();
  const credentials = useInfiniteQuery(
    trpc.agents.credentials.infiniteQueryOptions(
      { limit: PAGE_SIZE, ...radar.filter },
      { getNextPageParam: (last) => last.nextCursor ?? undefined, placeholderData: keepPreviousData },
    ),
  );
  return (
    <>
      <PageHead
        title="Rotation"
        state={<Headline />}
        line="Agents renew their certificates when two thirds of the life are over, with a new key each time."
      />
      <div className={page.stack}>
        <ExpiryOverview />
        <div>
          <RadarFilters radar={radar} />
          <Panel title="Credentials" note="the first to end on top" flush>
            <Loaded query={credentials} what="the credentials" rows={10}>
              {({ pages }) => {
                const rows = pages.flatMap((one) => one.credentials);
                if (rows.length === 0)
                  return radar.narrowed ? (
                    <EmptyState title="No credential matches">Change or clear the filter above.</EmptyState>
                  ) : (
                    <EmptyState title="No credentials">
                      An agent gets its five certificates when it enrols with a join token.
                    </EmptyState>
                  );
                return (
                  <DataTable
                    label="Credentials by their end"
                    rows={rows}
                    rowKey={(one) => one.id}
                    rowHref={(one) => `/agents/${one.agentName}`}
                    columns={RADAR_COLUMNS}
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
        </div>
      </div>
    </>
  );
}

/** What is not as it should be, in one line; that all is well is said too. */
function Headline() {
  const trpc = useTRPC();
  const { data } = useQuery(trpc.agents.expiryOverview.queryOptions());
  if (!data) return null;
  const { failed = 0, overdue = 0, due = 0 } = data.states;
  if (failed + overdue + due + data.neverRenewed === 0) return <Badge tone="ok">all renewals on time</Badge>;
  return (
    <>
      {failed > 0 ? <Badge tone={STATE_TONES.failed}>{`${formatCount(failed)} failed`}</Badge> : null}
      {overdue > 0 ? <Badge tone={STATE_TONES.overdue}>{`${formatCount(overdue)} overdue`}</Badge> : null}
      {due > 0 ? <Badge tone={STATE_TONES.due}>{`${formatCount(due)} due`}</Badge> : null}
      {data.neverRenewed > 0 ? (
        <Badge tone="high">{`${formatCount(data.neverRenewed)} never renewed`}</Badge>
      ) : null}
    </>
  );
}
