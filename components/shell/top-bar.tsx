"use client";

import { IconMenu2, IconSearch, IconX } from "@tabler/icons-react";
import Link from "next/link";
import { formatUtcTime } from "../ui/format.ts";
import { Kbd } from "../ui/kbd.tsx";
import { useNow } from "../ui/server-clock.ts";
import { LiveIndicator } from "./live-indicator.tsx";
import { Mark } from "./mark.tsx";
import { useOperator } from "./operator.tsx";
import classes from "./shell.module.css";
import { UserMenu } from "./user-menu.tsx";

type Props = { onSearch: () => void; navOpen: boolean; onNav: () => void };

/** Name, what kind of bank this is, search, server time, freshness, person. */
export function TopBar({ onSearch, navOpen, onNav }: Props) {
  const { installation } = useOperator();
  return (
    <header className={classes.top}>
      <button
        type="button"
        className={classes.burger}
        aria-expanded={navOpen}
        aria-controls="navigation"
        aria-label={navOpen ? "Close navigation" : "Open navigation"}
        onClick={onNav}
      >
        {navOpen ? <IconX size={18} aria-hidden /> : <IconMenu2 size={18} aria-hidden />}
      </button>
      <Link href="/" className={classes.brand} aria-label="Vigil, overview">
        <Mark />
        <span className={classes.hideNarrow}>Vigil</span>
      </Link>
      {installation === "demo" ? <span className={classes.demo}>DEMO BANK</span> : null}
      <button type="button" className={classes.search} onClick={onSearch}>
        <IconSearch size={14} aria-hidden />
        <span className={classes.searchText}>Search agents, alerts, incidents, records</span>
        <span className={classes.hideNarrow} aria-hidden>
          <Kbd>/</Kbd> <Kbd>⌘K</Kbd>
        </span>
      </button>
      <div className={classes.right}>
        <ServerTime />
        <LiveIndicator />
        <UserMenu />
      </div>
    </header>
  );
}

function ServerTime() {
  const now = useNow();
  return (
    <span className={`mono ${classes.hideMedium}`} title="Server time">
      UTC {formatUtcTime(now)}
    </span>
  );
}
