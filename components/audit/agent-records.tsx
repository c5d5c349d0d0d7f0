"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useTRPC } from "../trpc/client.ts";
import { DataTable } from "../ui/data-table.tsx";
import { Loaded } from "../ui/loaded.tsx";
import { EmptyState } from "../ui/notices.tsx";
import { Panel } from "../ui/panel.tsx";
import { RECORD_COLUMNS } from "./record-columns.tsx";

const SHOWN = 12;

/** The newest records about one agent. */
export function AgentRecords({ name }: { name: string }) {
  const trpc = useTRPC();
  const records = useQuery(
    trpc.audit.records.queryOptions({ agent: name, limit: SHOWN }, { placeholderData: keepPreviousData }),
  );
  return (
    <Panel title="Newest records" note={<Link href={`/audit?agent=${name}`}>All its records</Link>} flush>
      <Loaded query={records} what="its records" rows={6}>
        {(data) =>
          data.records.length === 0 ? (
            <EmptyState title="No records">Everything it does from now on appears here.</EmptyState>
          ) : (
            <DataTable
              label="Newest records of the agent"
              columns={RECORD_COLUMNS}
              rows={data.records}
              rowKey={(record) => record.id}
              rowHref={(record) => `/audit/${record.id}`}
            />
          )
        }
      </Loaded>
    </Panel>
  );
}
