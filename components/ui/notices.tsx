"use client";

import { Button, Skeleton } from "@mantine/core";
import { IconAlertTriangle, IconInbox, IconLock, IconWifiOff } from "@tabler/icons-react";
import type { ReactNode } from "react";
import classes from "./small.module.css";

type NoticeProps = { title: string; children: ReactNode; action?: ReactNode };

/** Nothing here yet, why that is, and the next thing to do. */
export function EmptyState({ title, children, action }: NoticeProps) {
  return (
    <div className={classes.notice}>
      <div className={classes.noticeTitle}>
        <IconInbox size={16} aria-hidden color="var(--v-muted)" />
        {title}
      </div>
      <p className={classes.noticeText}>{children}</p>
      {action ? <div className={classes.noticeAction}>{action}</div> : null}
    </div>
  );
}

type Failure = { message: string; data?: { code?: string; httpStatus?: number } | null };

/** What could not be read and what the server said of it; `retry` asks again. */
export function ErrorState({ what, error, retry }: { what: string; error: Failure; retry?: () => void }) {
  const forbidden = error.data?.httpStatus === 403;
  const Icon = forbidden ? IconLock : IconAlertTriangle;
  return (
    <div className={classes.notice} role="alert">
      <div className={classes.noticeTitle}>
        <Icon size={16} aria-hidden color={forbidden ? "var(--v-muted)" : "var(--v-critical)"} />
        {forbidden ? `You may not see ${what}` : `Could not load ${what}`}
      </div>
      <p className={classes.noticeText}>{error.message}</p>
      {retry && !forbidden ? (
        <div className={classes.noticeAction}>
          <Button variant="default" onClick={retry}>
            Try again
          </Button>
        </div>
      ) : null}
    </div>
  );
}

/** What is on the screen may be out of date; says since when, and never hides the old values. */
export function StaleBanner({ children }: { children: ReactNode }) {
  return (
    <div className={classes.stale} role="status">
      <IconWifiOff size={14} aria-hidden />
      <span>{children}</span>
    </div>
  );
}

/** Rows of a table that is loading, as tall as the real ones, so that nothing jumps. */
export function SkeletonRows({ rows = 6, label }: { rows?: number; label: string }) {
  return (
    <div role="status" aria-label={`Loading ${label}`} style={{ padding: "8px 14px" }}>
      {Array.from({ length: rows }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have no identity
        <Skeleton key={index} height={14} my={10} radius="sm" width={`${96 - ((index * 13) % 34)}%`} />
      ))}
    </div>
  );
}
