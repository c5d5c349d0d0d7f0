"use client";

import { useHotkeys } from "@mantine/hooks";
import { type ReactNode, useCallback, useState } from "react";
import { StepUpProvider } from "../access/step-up.tsx";
import { ServerClock } from "../ui/server-clock.ts";
import { DeadlineStrip } from "./deadline-strip.tsx";
import { StaleStrip } from "./live-indicator.tsx";
import { Nav } from "./nav.tsx";
import { type Operator, OperatorProvider } from "./operator.tsx";
import { Search } from "./search.tsx";
import classes from "./shell.module.css";
import { Shortcuts } from "./shortcuts.tsx";
import { TopBar } from "./top-bar.tsx";
import { useLiveUpdates } from "./use-live-updates.ts";

type Props = { operator: Operator; renderedAtMs: number; children: ReactNode };

/** The frame of every page behind sign-in: bar, navigation, deadline, and the page. */
export function ConsoleShell({ operator, renderedAtMs, children }: Props) {
  return (
    <ServerClock renderedAtMs={renderedAtMs}>
      <OperatorProvider operator={operator}>
        <StepUpProvider>
          <Frame>{children}</Frame>
        </StepUpProvider>
      </OperatorProvider>
    </ServerClock>
  );
}

function Frame({ children }: { children: ReactNode }) {
  const [navOpen, setNavOpen] = useState(false);
  const [searching, setSearching] = useState(false);
  const openSearch = useCallback(() => setSearching(true), []);
  useLiveUpdates();
  useHotkeys([["mod+K", openSearch]], []);
  return (
    <div className={classes.frame}>
      <a href="#content" className={classes.skip}>
        Skip to content
      </a>
      <TopBar onSearch={openSearch} navOpen={navOpen} onNav={() => setNavOpen(!navOpen)} />
      <Nav open={navOpen} onNavigate={() => setNavOpen(false)} />
      <div className={classes.main}>
        <div className={classes.sticky}>
          <StaleStrip />
          <DeadlineStrip />
        </div>
        <main id="content" tabIndex={-1} className={classes.content}>
          {children}
        </main>
      </div>
      <Search opened={searching} onClose={() => setSearching(false)} />
      <Shortcuts onSearch={openSearch} />
    </div>
  );
}
