"use client";

import { Select, TextInput } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { ClockPreview, Regimes } from "#server/incidents/views.ts";
import { useOperator } from "../shell/operator.tsx";
import { useTRPC } from "../trpc/client.ts";
import { Badge } from "../ui/badge.tsx";
import { formatDuration, formatInZone, formatUtc, toMs } from "../ui/format.ts";
import { Loaded } from "../ui/loaded.tsx";
import { EmptyState } from "../ui/notices.tsx";
import page from "../ui/page.module.css";
import { Facts, PageHead } from "../ui/page-head.tsx";
import { Panel } from "../ui/panel.tsx";
import { useNow } from "../ui/server-clock.ts";
import { useUrlParam } from "../ui/use-url-param.ts";
import { anchorsText, readAnchors, wholeAnchors } from "./clock-anchors.ts";

type Regime = Regimes[number];

/** Due when, if: the rules that Vigil keeps, over events that are only supposed. Starts nothing. */
export function ClockCalculator() {
  const trpc = useTRPC();
  const regimes = useQuery(trpc.clocks.regimes.queryOptions());
  return (
    <>
      <PageHead title="Clock calculator" line="what would be due when; nothing is started by it" />
      <Loaded query={regimes} what="the rules" rows={6}>
        {(all) => <Calculator regimes={all} />}
      </Loaded>
    </>
  );
}

function Calculator({ regimes }: { regimes: Regimes }) {
  const trpc = useTRPC();
  const [regimeParam, setRegime] = useUrlParam("regime");
  const [anchorsParam, setAnchors] = useUrlParam("anchors");
  const regime = regimes.find((one) => one.regime === regimeParam) ?? regimes[0];
  const anchors = readAnchors(anchorsParam, regime?.events ?? []);
  const whole = regime && !regime.off ? wholeAnchors(anchors, regime.events) : null;
  const preview = useQuery({
    ...trpc.clocks.preview.queryOptions(
      { regime: regime?.regime ?? "", anchors: whole ?? "" },
      { placeholderData: keepPreviousData, retry: false },
    ),
    enabled: whole !== null,
  });
  if (!regime) return null;
  return (
    <div className={`${page.grid} ${page.two}`}>
      <Panel title="Rule and events">
        <div className={page.form}>
          <Select
            label="Rule"
            data={regimes.map((one) => ({ value: one.regime, label: one.title, disabled: one.off !== null }))}
            value={regime.regime}
            onChange={(value) => setRegime(value)}
            allowDeselect={false}
          />
          {regime.events.map((event) => (
            <TextInput
              key={`${regime.regime} ${event}`}
              type="datetime-local"
              label={`${event} (UTC)`}
              defaultValue={anchors[event] ?? ""}
              onChange={({ currentTarget: { value } }) =>
                setAnchors(anchorsText({ ...anchors, [event]: value }))
              }
            />
          ))}
          <AboutRule regime={regime} />
        </div>
      </Panel>
      <Panel title="Due">
        {whole === null ? (
          <EmptyState title="When did it happen?">
            {regime.off ?? `Say when ${regime.events.join(" and ")} happened, in UTC.`}
          </EmptyState>
        ) : (
          <Loaded query={preview} what="the deadline" rows={5}>
            {(data) => <Answer preview={data} timeZone={regime.timeZone} />}
          </Loaded>
        )}
      </Panel>
    </div>
  );
}

function AboutRule({ regime: { basis, recipient, version, since, off, notes } }: { regime: Regime }) {
  return (
    <Facts
      facts={[
        ["Towards", recipient],
        ["Basis", basis],
        ["Version", version],
        ["Law since", since ?? <Badge tone="neutral">{`switched off: ${off ?? ""}`}</Badge>],
        ["Mind", notes],
      ]}
    />
  );
}

function Answer({ preview, timeZone }: { preview: ClockPreview; timeZone: string }) {
  const now = useNow();
  const { timeZone: own } = useOperator();
  const leftMs = toMs(preview.dueAt) - now;
  const zones = [...new Set([timeZone, own])].filter((zone) => zone !== "UTC");
  return (
    <div className={page.form}>
      <div>
        <strong style={{ fontSize: 20 }}>{formatUtc(preview.dueAt, now)}</strong>
        <div className="muted">
          {zones
            .map((zone) => `${localDay(preview.dueAt, zone)} ${formatInZone(preview.dueAt, zone)}`)
            .join(" · ")}
          {" · "}
          {leftMs >= 0 ? `in ${formatDuration(leftMs)}` : `${formatDuration(-leftMs)} ago`}
        </div>
      </div>
      <ol style={{ margin: 0, paddingLeft: 18 }} aria-label="How it was worked out">
        {preview.steps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      <Facts
        facts={preview.alarms.map(
          ({ hoursLeft, at }) =>
            [hoursLeft === 0 ? "Overdue" : `${hoursLeft} h left`, formatUtc(at, now)] as const,
        )}
      />
    </div>
  );
}

function localDay(at: string, timeZone: string): string {
  return new Intl.DateTimeFormat("en-GB", {
    timeZone,
    weekday: "short",
    day: "numeric",
    month: "short",
  }).format(toMs(at));
}
