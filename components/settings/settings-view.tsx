"use client";

import { usePermits } from "../shell/operator.tsx";
import page from "../ui/page.module.css";
import { PageHead } from "../ui/page-head.tsx";
import { ApiKeys } from "./api-keys.tsx";
import { ChangePassword } from "./change-password.tsx";
import { Destinations } from "./destinations.tsx";
import { OwnAccount } from "./own-account.tsx";
import { People } from "./people.tsx";
import { Places } from "./places.tsx";
import { RolesMatrix } from "./roles-matrix.tsx";
import { RecentSignals } from "./signals/recent-signals.tsx";
import { SignalSources } from "./signals/signal-sources.tsx";

/** One's own account, the API keys, and for administrators the people, who is told, who tells, and where networks are. */
export function SettingsView() {
  const manages = usePermits("users.manage");
  const integrates = usePermits("integrations.manage");
  const readsAlerts = usePermits("alerts.read");
  return (
    <>
      <PageHead title="Settings" />
      <div className={`${page.grid} ${page.two}`}>
        <div className={page.stack}>
          {manages ? <People /> : null}
          {integrates ? <Destinations /> : null}
          {integrates ? <SignalSources /> : null}
          {readsAlerts ? <RecentSignals /> : null}
          {integrates ? <Places /> : null}
          <ApiKeys />
          <RolesMatrix />
        </div>
        <div className={page.stack}>
          <OwnAccount />
          <ChangePassword />
        </div>
      </div>
    </>
  );
}
