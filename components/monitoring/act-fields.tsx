"use client";

import { Radio, Select, Stack, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { Asks } from "#server/layers/monitoring/alert-actions-schema.ts";
import { ALERT_DISPOSITIONS } from "#server/layers/monitoring/schema.ts";
import { useTRPC } from "../trpc/client.ts";
import { alertName, incidentName } from "../ui/format.ts";
import type { Targets } from "./use-act.ts";

const HOUR_MS = 3_600_000;
const MEANINGS: Record<(typeof ALERT_DISPOSITIONS)[number], string> = {
  "true-positive": "True positive: it was what the alert says",
  "false-positive": "False positive: nothing of the kind happened",
  benign: "Benign: it happened, and it was meant to",
};
const SPANS = [
  { value: "1", label: "1 hour" },
  { value: "4", label: "4 hours" },
  { value: "24", label: "1 day" },
  { value: "168", label: "7 days" },
  { value: "720", label: "30 days, the longest" },
];
const VERDICT_SPANS = [
  { value: "", label: "For good" },
  { value: "168", label: "7 days" },
  { value: "720", label: "30 days" },
  { value: "2160", label: "90 days" },
];

/** What was entered so far; each action reads its own part. */
export type Draft = {
  ownerId?: string | null;
  disposition: (typeof ALERT_DISPOSITIONS)[number];
  verdictHours?: string;
  hours: string;
  scope: "rule" | "cause";
  intoId?: string | null;
  incident?: string | null;
  title?: string;
};

/** The action's parameters as the server takes them. */
export function paramsOf(asks: Asks, draft: Draft, reason: string, nowMs: number): Record<string, unknown> {
  const inHours = (hours: string) => new Date(nowMs + Number(hours) * HOUR_MS);
  switch (asks) {
    case "owner":
      return { ownerId: draft.ownerId ?? null };
    case "verdict": {
      const ends = draft.disposition === "false-positive" && draft.verdictHours;
      return { disposition: draft.disposition, reason, ...(ends && { verdictUntil: inHours(ends) }) };
    }
    case "until":
      return { until: inHours(draft.hours), scope: draft.scope, reason };
    case "target":
      return { intoId: draft.intoId, reason };
    case "incident":
      return {
        reason,
        ...(draft.incident
          ? { incidentNumber: Number(draft.incident) }
          : draft.title && { title: draft.title }),
      };
    case "text":
      return { text: reason };
    case "reason":
      return { reason };
    case "nothing":
      return {};
  }
}

type Props = { asks: Asks; draft: Draft; onChange: (draft: Draft) => void; targets: Targets };

/** The fields of an action beside its reason. */
export function ActFields({ asks, draft, onChange, targets }: Props) {
  const set = (part: Partial<Draft>) => onChange({ ...draft, ...part });
  if (asks === "owner")
    return <OwnerField value={draft.ownerId ?? null} onChange={(ownerId) => set({ ownerId })} />;
  if (asks === "verdict") return <VerdictFields draft={draft} set={set} />;
  if (asks === "until") return <UntilFields draft={draft} set={set} targets={targets} />;
  if (asks === "target")
    return (
      <TargetField value={draft.intoId ?? null} onChange={(intoId) => set({ intoId })} targets={targets} />
    );
  if (asks === "incident") return <IncidentFields draft={draft} set={set} />;
  return null;
}

type Setting = { draft: Draft; set: (part: Partial<Draft>) => void };

function OwnerField({ value, onChange }: { value: string | null; onChange: (value: string | null) => void }) {
  const people = useQuery(useTRPC().users.list.queryOptions());
  const data = (people.data ?? [])
    .filter((one) => !one.disabled)
    .map((one) => ({ value: one.id, label: one.email }));
  return (
    <Select
      label="Owner"
      placeholder="Nobody"
      data={data}
      value={value}
      onChange={onChange}
      clearable
      searchable
      data-autofocus
    />
  );
}

function VerdictFields({ draft, set }: Setting) {
  return (
    <Stack gap="sm">
      <Radio.Group
        label="Verdict"
        value={draft.disposition}
        onChange={(value) => set({ disposition: value as Draft["disposition"] })}
      >
        <Stack gap="xs" mt="xs">
          {ALERT_DISPOSITIONS.map((value) => (
            <Radio key={value} value={value} label={MEANINGS[value]} />
          ))}
        </Stack>
      </Radio.Group>
      {draft.disposition === "false-positive" ? (
        <Select
          label="Counts for later alerts"
          data={VERDICT_SPANS}
          value={draft.verdictHours ?? ""}
          onChange={(value) => set({ verdictHours: value ?? "" })}
          allowDeselect={false}
        />
      ) : null}
    </Stack>
  );
}

function UntilFields({ draft, set, targets }: Setting & { targets: Targets }) {
  const cause = "alerts" in targets && targets.alerts.length === 1 ? targets.alerts[0]?.cause : "";
  return (
    <Stack gap="sm">
      <p className="muted" style={{ margin: 0 }}>
        It closes; its like is counted, not raised, until then. Critical alerts and containments are raised
        all the same.
      </p>
      <Select
        label="For"
        data={SPANS}
        value={draft.hours}
        onChange={(value) => set({ hours: value ?? "24" })}
        allowDeselect={false}
      />
      {cause ? (
        <Radio.Group
          label="Of this agent and rule"
          value={draft.scope}
          onChange={(value) => set({ scope: value as Draft["scope"] })}
        >
          <Stack gap="xs" mt="xs">
            <Radio value="rule" label="Whatever the cause" />
            <Radio value="cause" label={`Only the cause ${cause}`} />
          </Stack>
        </Radio.Group>
      ) : null}
    </Stack>
  );
}

function TargetField({
  value,
  onChange,
  targets,
}: {
  value: string | null;
  onChange: (value: string | null) => void;
  targets: Targets;
}) {
  const trpc = useTRPC();
  const open = useQuery(trpc.alerts.list.queryOptions({ status: ["open", "acknowledged"], limit: 200 }));
  const chosen = "alerts" in targets ? targets.alerts : [];
  // Of several one is the target; of one, any other is.
  const known = new Map([...chosen, ...(open.data?.alerts ?? [])].map((alert) => [alert.id, alert]));
  if (chosen.length === 1 && chosen[0]) known.delete(chosen[0].id);
  const data = [...known.values()]
    .filter(({ status }) => status !== "closed")
    .map((alert) => ({ value: alert.id, label: `${alertName(alert.number)} ${alert.title}` }));
  return (
    <Select
      label="Into"
      placeholder="The alert that stays"
      data={data}
      value={value}
      onChange={onChange}
      searchable
      required
      data-autofocus
    />
  );
}

function IncidentFields({ draft, set }: Setting) {
  const open = useQuery(useTRPC().incidents.list.queryOptions({ status: "open" }));
  const data = (open.data?.incidents ?? []).map((one) => ({
    value: String(one.number),
    label: `${incidentName(one.number)} ${one.title}`,
  }));
  return (
    <Stack gap="sm">
      <Select
        label="Incident"
        placeholder="A new one"
        data={data}
        value={draft.incident ?? null}
        onChange={(incident) => set({ incident })}
        clearable
        searchable
        data-autofocus
      />
      {draft.incident ? null : (
        <TextInput
          label="Title"
          placeholder="The alert's own"
          value={draft.title ?? ""}
          onChange={(event) => set({ title: event.currentTarget.value })}
          maxLength={200}
        />
      )}
    </Stack>
  );
}
