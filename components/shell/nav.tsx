"use client";

import {
  IconActivityHeartbeat,
  IconAlertTriangle,
  IconCalendarTime,
  IconCertificate,
  IconFingerprint,
  IconGavel,
  IconGhost2,
  IconLayoutDashboard,
  IconListCheck,
  IconRadar2,
  IconSettings,
  IconTool,
  IconUrgent,
  IconUsersGroup,
} from "@tabler/icons-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import type { ReactNode } from "react";
import { LAYERS } from "#server/layers.ts";
import { currentEntry, currentLayer, SYSTEM, type SystemKey, WORK, type WorkKey } from "./nav-items.ts";
import classes from "./shell.module.css";
import { type NavCount, useNavCounts } from "./use-nav-counts.ts";

const ICONS: Record<WorkKey | SystemKey, ReactNode> = {
  overview: <IconLayoutDashboard size={16} stroke={1.6} aria-hidden />,
  agents: <IconFingerprint size={16} stroke={1.6} aria-hidden />,
  shadowAgents: <IconGhost2 size={16} stroke={1.6} aria-hidden />,
  behaviour: <IconActivityHeartbeat size={16} stroke={1.6} aria-hidden />,
  alerts: <IconAlertTriangle size={16} stroke={1.6} aria-hidden />,
  rules: <IconRadar2 size={16} stroke={1.6} aria-hidden />,
  maintenance: <IconTool size={16} stroke={1.6} aria-hidden />,
  incidents: <IconUrgent size={16} stroke={1.6} aria-hidden />,
  approvals: <IconGavel size={16} stroke={1.6} aria-hidden />,
  clocks: <IconCalendarTime size={16} stroke={1.6} aria-hidden />,
  duties: <IconUsersGroup size={16} stroke={1.6} aria-hidden />,
  authorities: <IconCertificate size={16} stroke={1.6} aria-hidden />,
  policy: <IconListCheck size={16} stroke={1.6} aria-hidden />,
  settings: <IconSettings size={16} stroke={1.6} aria-hidden />,
};

/** The left column: the queues with what waits in them, then the seven layers in order. */
export function Nav({ open, onNavigate }: { open: boolean; onNavigate: () => void }) {
  const pathname = usePathname();
  const current = currentEntry(pathname);
  const layer = currentLayer(pathname);
  const counts = useNavCounts();
  return (
    <nav
      id="navigation"
      className={classes.nav}
      aria-label="Main"
      data-open={open || undefined}
      onClickCapture={onNavigate}
    >
      <ul className={classes.group}>
        {WORK.map(({ key, title, path }) => (
          <li key={key}>
            <Link href={path} className={classes.item} aria-current={current === key ? "page" : undefined}>
              {ICONS[key]}
              {title}
              <Count count={counts[key]} />
            </Link>
          </li>
        ))}
      </ul>
      <h2 className={classes.groupTitle}>Layers</h2>
      <ul className={classes.group}>
        {LAYERS.map(({ key, number, title, path }) => (
          <li key={key}>
            <Link
              href={path}
              className={classes.item}
              aria-current={current === key ? "page" : undefined}
              data-within={(layer === key && current !== key) || undefined}
            >
              <span className={classes.number} aria-hidden>
                {number}
              </span>
              {title}
            </Link>
          </li>
        ))}
      </ul>
      <h2 className={classes.groupTitle}>System</h2>
      <ul className={classes.group}>
        {SYSTEM.map(({ key, title, path }) => (
          <li key={key}>
            <Link href={path} className={classes.item} aria-current={current === key ? "page" : undefined}>
              {ICONS[key]}
              {title}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Count({ count }: { count: NavCount | undefined }) {
  if (!count || count.value === 0) return null;
  return (
    <span className={classes.count} data-tone={count.tone}>
      {count.value}
      <span className="visually-hidden"> {count.meaning}</span>
    </span>
  );
}
