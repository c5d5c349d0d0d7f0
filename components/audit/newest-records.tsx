"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useTRPC } from "../trpc/client.ts";
import { DataTable } from "../ui/data-table.tsx";
import { Loaded } from "../ui/loaded.tsx";
import { EmptyState } from "../ui/notices.tsx";
import { Panel } from "../ui/panel.tsx";
import { RECORD_COLUMNS } from "./record-columns.tsx";

const SHOWN = 6;
const KEYS = new Set(["seq", "kind", "actor"]);

/** The newest records of all, for the overview. */
export function NewestRecords() {
  const trpc = useTRPC();
  const records = useQuery(
    trpc.audit.records.queryOptions({ limit: SHOWN }, { placeholderData: keepPreviousData }),
  );
  return (
    <Panel title="Newest records" note={<Link href="/audit">All records</Link>} flush>
      <Loaded query={records} what="the newest records" rows={4}>
        {(data) =>
          data.records.length === 0 ? (
            <EmptyState title="No records yet">The first sign-in is the first record.</EmptyState>
          ) : (
            <DataTable
              label="Newest records"
              columns={RECORD_COLUMNS.filter((column) => KEYS.has(column.key))}
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
