"use client";

import { Button, SegmentedControl, Select, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useSearchParams } from "next/navigation";
import { useState } from "react";
import { type LiveGrantView, UNUSED_DAYS } from "#server/layers/authorization/grants-schema.ts";
import { RISKS } from "#server/layers/authorization/policy-schema.ts";
import { usePermits } from "../shell/operator.tsx";
import { useTRPC } from "../trpc/client.ts";
import { type Column, DataTable } from "../ui/data-table.tsx";
import { Loaded } from "../ui/loaded.tsx";
import { EmptyState } from "../ui/notices.tsx";
import page from "../ui/page.module.css";
import { PageHead } from "../ui/page-head.tsx";
import { Panel } from "../ui/panel.tsx";
import { useUrlParam } from "../ui/use-url-param.ts";
import { AuthorizationTabs } from "./authorization-tabs.tsx";
import { GRANT_COLUMNS, type GrantWay, WAYS } from "./grant-columns.tsx";
import { RevokeDialog } from "./revoke-dialog.tsx";

/** Everything that agents may do now, and taking it back; what nobody uses is proposed for removal. */
export function GrantsView() {
  const trpc = useTRPC();
  const mayRevoke = usePermits("grants.revoke");
  const { unused, agent, risk, by } = useFilters();
  const [revoking, setRevoking] = useState<LiveGrantView | null>(null);
  const query = { limit: 50, agent, risk, by };
  const paging = {
    getNextPageParam: (last: { nextCursor: string | null }) => last.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
  };
  const live = useInfiniteQuery({
    ...trpc.grants.live.infiniteQueryOptions(query, paging),
    enabled: !unused,
  });
  const idle = useInfiniteQuery(trpc.grants.unused.infiniteQueryOptions(query, paging));
  const grants = unused ? idle : live;
  const proposed = idle.data?.pages[0]?.total ?? 0;
  const act: Column<LiveGrantView> = {
    key: "act",
    header: "",
    align: "right",
    render: (g) =>
      mayRevoke ? (
        <Button
          size="compact-xs"
          variant="default"
          aria-label={`Revoke ${g.scope} of ${g.agentName}`}
          onClick={() => setRevoking(g)}
        >
          Revoke…
        </Button>
      ) : null,
  };
  return (
    <>
      <PageHead title="Live grants" line={lineOf(live.data?.pages[0]?.total, proposed)} />
      <AuthorizationTabs />
      <Filters proposed={proposed} unused={unused} />
      <Panel
        title={unused ? "Proposed for removal" : "What agents may do now"}
        note={unused ? `nothing was admitted under them for ${UNUSED_DAYS} days` : null}
        flush
      >
        <Loaded query={grants} what="the grants" rows={8}>
          {({ pages }) => {
            const rows = pages.flatMap((one) => one.grants);
            if (rows.length === 0)
              return <NoGrants unused={unused} filtered={Boolean(agent ?? risk ?? by)} />;
            return (
              <DataTable label="Grants" columns={[...GRANT_COLUMNS, act]} rows={rows} rowKey={(g) => g.id} />
            );
          }}
        </Loaded>
        {grants.hasNextPage ? (
          <div className={page.more}>
            <Button
              variant="default"
              loading={grants.isFetchingNextPage}
              onClick={() => void grants.fetchNextPage()}
            >
              Show more
            </Button>
          </div>
        ) : null}
      </Panel>
      {revoking ? <RevokeDialog grant={revoking} onClose={() => setRevoking(null)} /> : null}
    </>
  );
}

/** What the address asks for. */
function useFilters() {
  const params = useSearchParams();
  const by = (Object.keys(WAYS) as GrantWay[]).find((known) => known === params.get("by"));
  const risk = RISKS.find((known) => known === params.get("risk"));
  return { unused: params.get("show") === "unused", agent: params.get("agent") ?? undefined, risk, by };
}

function Filters({ proposed, unused }: { proposed: number; unused: boolean }) {
  const { risk, by } = useFilters();
  const [, setShown] = useUrlParam("show");
  const [agent, setAgent] = useUrlParam("agent");
  const [, setRisk] = useUrlParam("risk");
  const [, setWay] = useUrlParam("by");
  const agentSoon = useDebouncedCallback((text: string) => setAgent(text.trim() || null), 300);
  return (
    <search className={page.filters}>
      <SegmentedControl
        aria-label="Which grants"
        value={unused ? "unused" : "live"}
        onChange={(value) => setShown(value === "unused" ? "unused" : null)}
        data={[
          { value: "live", label: "Live" },
          { value: "unused", label: `Unused (${proposed})` },
        ]}
      />
      <TextInput
        aria-label="Agent"
        placeholder="Agent's name"
        leftSection={<IconSearch size={14} aria-hidden />}
        defaultValue={agent ?? ""}
        onChange={(event) => agentSoon(event.currentTarget.value)}
      />
      <Select
        aria-label="Risk"
        placeholder="Any risk"
        clearable
        data={[...RISKS]}
        value={risk ?? null}
        onChange={setRisk}
        w={130}
      />
      <Select
        aria-label="How it was given"
        placeholder="Given in any way"
        clearable
        data={Object.entries(WAYS).map(([value, label]) => ({ value, label }))}
        value={by ?? null}
        onChange={setWay}
        w={170}
      />
    </search>
  );
}

function lineOf(total: number | undefined, proposed: number): string | null {
  if (total === undefined) return null;
  const live = `${total} live`;
  return proposed > 0 ? `${live} · ${proposed} proposed for removal` : live;
}

function NoGrants({ unused, filtered }: { unused: boolean; filtered: boolean }) {
  if (filtered)
    return (
      <EmptyState title="None of these">No grant answers to these filters. Clear one of them.</EmptyState>
    );
  if (unused)
    return (
      <EmptyState title="Nothing to remove">
        Every live grant was used in the last {UNUSED_DAYS} days, or is younger than that.
      </EmptyState>
    );
  return (
    <EmptyState title="No agent may do anything">
      Standing scopes are given at registration, others by an approval.
    </EmptyState>
  );
}
