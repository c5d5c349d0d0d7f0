"use client";

import { Button } from "@mantine/core";
import type { BaselineVersionView } from "#server/layers/monitoring/learning-schema.ts";
import { Badge } from "../../ui/badge.tsx";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { formatCount } from "../../ui/format.ts";
import { Instant } from "../../ui/instant.tsx";
import { calibrationWords, falseShare } from "./learning-words.ts";

type Props = {
  versions: readonly BaselineVersionView[];
  /** How far learning has come, where there is none in use. */
  learning: string | null;
  onRollback: ((version: number) => void) | null;
  onUnpin: (() => void) | null;
};

/** Every version of the baseline: what it was learnt from, what was scored by it, and how its alerts were judged. */
export function BaselineVersions({ versions, learning, onRollback, onUnpin }: Props) {
  return (
    <section aria-label="Baseline versions">
      <h3 style={{ margin: "0 0 6px", fontSize: 13 }}>Versions</h3>
      {learning ? <p className="muted">{learning}</p> : null}
      {versions.length === 0 ? (
        <p className="muted">No version yet. The first is learnt by itself once there is enough.</p>
      ) : (
        <DataTable
          label="Versions of the baseline"
          columns={columns(onRollback, onUnpin)}
          rows={versions}
          rowKey={({ id }) => id}
        />
      )}
    </section>
  );
}

function columns(
  onRollback: Props["onRollback"],
  onUnpin: Props["onUnpin"],
): readonly Column<BaselineVersionView>[] {
  return [
    { key: "version", header: "Version", render: (it) => <Version version={it} /> },
    {
      key: "learnt",
      header: "Learnt from",
      wideOnly: true,
      render: (it) => (
        <span>
          {formatCount(it.windows)} minutes, <Instant at={it.learntFrom} /> to <Instant at={it.learntTo} />
        </span>
      ),
    },
    {
      key: "calibration",
      header: "Limits at",
      wideOnly: true,
      render: (it) => calibrationWords(it.calibration),
    },
    { key: "scores", header: "Scored", align: "right", render: (it) => formatCount(it.scores) },
    { key: "alerts", header: "Alerts", align: "right", render: (it) => it.alerts },
    { key: "false", header: "False", align: "right", render: (it) => falseShare(it) },
    { key: "by", header: "By", wideOnly: true, render: (it) => it.createdBy },
    {
      key: "act",
      header: "Change",
      render: (it) => {
        if (it.pinned && onUnpin)
          return (
            <Button size="compact-xs" variant="default" onClick={onUnpin}>
              Unpin…
            </Button>
          );
        if (it.active || !onRollback) return null;
        return (
          <Button
            size="compact-xs"
            variant="default"
            aria-label={`Go back to version ${it.version}`}
            onClick={() => onRollback(it.version)}
          >
            Go back…
          </Button>
        );
      },
    },
  ];
}

function Version({ version: it }: { version: BaselineVersionView }) {
  return (
    <span title={it.retireReason ?? undefined}>
      {it.version} {it.active ? <Badge tone="ok">{it.pinned ? "in use, pinned" : "in use"}</Badge> : null}
      {it.restoredVersion ? <span className="muted"> as version {it.restoredVersion}</span> : null}
      {it.retiredAt ? (
        <span className="muted">
          {" "}
          until <Instant at={it.retiredAt} />
          {it.retireReason ? `: ${it.retireReason}` : ""}
        </span>
      ) : null}
    </span>
  );
}
