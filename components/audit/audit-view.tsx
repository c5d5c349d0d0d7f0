"use client";

import { Button, Select, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useTRPC } from "../trpc/client.ts";
import { DataTable } from "../ui/data-table.tsx";
import { Loaded } from "../ui/loaded.tsx";
import { EmptyState } from "../ui/notices.tsx";
import page from "../ui/page.module.css";
import { PageHead } from "../ui/page-head.tsx";
import { Panel } from "../ui/panel.tsx";
import { useUrlParam } from "../ui/use-url-param.ts";
import { ChainPanel } from "./chain-panel.tsx";
import { RECORD_COLUMNS } from "./record-columns.tsx";
import { VerificationPanel } from "./verification-panel.tsx";

const OUTCOMES = ["allow", "deny", "partial"] as const;

/** The records, newest first, beside the chain that holds them and the proof that it does. */
export function AuditView() {
  const [search, setSearch] = useUrlParam("q");
  const [agent, setAgent] = useUrlParam("agent");
  const [kind, setKind] = useUrlParam("kind");
  const [outcome, setOutcome] = useUrlParam("outcome");
  const searchSoon = useDebouncedCallback((text: string) => setSearch(text.trim() || null), 250);
  const agentSoon = useDebouncedCallback((text: string) => setAgent(text.trim() || null), 250);
  const kindSoon = useDebouncedCallback((text: string) => setKind(text.trim() || null), 250);
  return (
    <>
      <PageHead title="Audit" line="Nobody can quietly change the record." />
      <search className={page.filters}>
        <TextInput
          aria-label="Transaction, subject, data or record id"
          placeholder="Transaction, subject, data or record id"
          leftSection={<IconSearch size={14} aria-hidden />}
          defaultValue={search ?? ""}
          onChange={(event) => searchSoon(event.currentTarget.value)}
          w={290}
        />
        <TextInput
          aria-label="Agent"
          placeholder="Agent"
          defaultValue={agent ?? ""}
          onChange={(event) => agentSoon(event.currentTarget.value)}
          w={180}
        />
        <TextInput
          aria-label="Kind of record"
          placeholder="Kind, such as agent.actions"
          defaultValue={kind ?? ""}
          onChange={(event) => kindSoon(event.currentTarget.value)}
          w={200}
        />
        <Select
          aria-label="Outcome"
          placeholder="Any outcome"
          clearable
          data={[...OUTCOMES]}
          value={outcome}
          onChange={setOutcome}
          w={130}
        />
      </search>
      <div className={`${page.grid} ${page.two}`}>
        <Records
          search={search}
          agent={agent}
          kind={kind}
          outcome={OUTCOMES.find((one) => one === outcome)}
        />
        <div className={page.stack}>
          <ChainPanel />
          <VerificationPanel />
        </div>
      </div>
    </>
  );
}

type Filter = {
  search: string | null;
  agent: string | null;
  kind: string | null;
  outcome: (typeof OUTCOMES)[number] | undefined;
};

function Records({ search, agent, kind, outcome }: Filter) {
  const trpc = useTRPC();
  const records = useInfiniteQuery(
    trpc.audit.records.infiniteQueryOptions(
      { search: search ?? undefined, agent: agent ?? undefined, kind: kind ?? undefined, outcome, limit: 50 },
      { getNextPageParam: (last) => last.nextCursor ?? undefined, placeholderData: keepPreviousData },
    ),
  );
  return (
    <Panel title="Records" note="newest first" flush>
      <Loaded query={records} what="the records" rows={12}>
        {({ pages }) => {
          const rows = pages.flatMap((one) => one.records);
          if (rows.length === 0)
            return (
              <EmptyState title="No record matches">
                Every decision of Vigil and of its people is a record, refused ones as well. Clear a filter to
                see them.
              </EmptyState>
            );
          return (
            <DataTable
              label="Audit records"
              columns={RECORD_COLUMNS}
              rows={rows}
              rowKey={(record) => record.id}
              rowHref={(record) => `/audit/${record.id}`}
            />
          );
        }}
      </Loaded>
      {records.hasNextPage ? (
        <div className={page.more}>
          <Button
            variant="default"
            loading={records.isFetchingNextPage}
            onClick={() => void records.fetchNextPage()}
          >
            Show older
          </Button>
        </div>
      ) : null}
    </Panel>
  );
}
