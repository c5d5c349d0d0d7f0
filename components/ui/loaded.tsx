"use client";

import type { ReactNode } from "react";
import { formatUtcTime } from "./format.ts";
import { ErrorState, SkeletonRows, StaleBanner } from "./notices.tsx";

type Reading<Data> = {
  data: Data | undefined;
  error: { message: string; data?: { httpStatus?: number } | null } | null;
  dataUpdatedAt: number;
  refetch: () => unknown;
};

type Props<Data> = {
  query: Reading<Data>;
  /** What is being read, in the plural where it is many: "the agents". */
  what: string;
  rows?: number;
  children: (data: Data) => ReactNode;
};

/** The four states of whatever is read: loading, failed, stale (old values stay, with their time), and there. */
export function Loaded<Data>({ query, what, rows = 5, children }: Props<Data>) {
  if (query.data === undefined) {
    if (query.error) return <ErrorState what={what} error={query.error} retry={() => void query.refetch()} />;
    return <SkeletonRows rows={rows} label={what} />;
  }
  return (
    <>
      {query.error ? (
        <StaleBanner>
          Could not renew {what}: {query.error.message} Shown as of {formatUtcTime(query.dataUpdatedAt)} UTC.
        </StaleBanner>
      ) : null}
      {children(query.data)}
    </>
  );
}
