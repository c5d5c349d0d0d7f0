"use client";

import { Button, Group, Textarea } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { TimelineEntry as Entry, IncidentDetail } from "#server/incidents/views.ts";
import { usePermits } from "../shell/operator.tsx";
import { useTRPC } from "../trpc/client.ts";
import { ActionError } from "../ui/action-error.tsx";
import { toWords } from "../ui/format.ts";
import { EmptyState } from "../ui/notices.tsx";
import { Panel } from "../ui/panel.tsx";
import { Timeline } from "../ui/timeline.tsx";
import type { Tone } from "../ui/tone.ts";

const TONES: Record<string, Tone> = {
  detected: "high",
  contained: "critical",
  determined: "medium",
  notified: "ok",
  recovered: "ok",
  closed: "neutral",
  alarm: "critical",
  critical: "critical",
  high: "high",
  medium: "medium",
  low: "low",
};

/** What happened, as far as it is known, in the order of its happening; notes are added here. */
export function IncidentTimeline({ incident }: { incident: IncidentDetail }) {
  const mayWork = usePermits("incidents.work");
  return (
    <Panel
      title="Timeline"
      note={incident.truncated ? "longer than shown" : `${incident.timeline.length} entries`}
      flush
    >
      {incident.timeline.length === 0 ? (
        <EmptyState title="Nothing yet">
          Facts, alerts, containment steps and votes appear here by themselves.
        </EmptyState>
      ) : (
        <Timeline
          entries={incident.timeline.map((entry) => ({
            key: `${entry.source}${entry.refId}`,
            at: entry.at,
            tone: toneOf(entry),
            title: entry.superseded ? <s>{entry.title}</s> : entry.title,
            detail: [
              entry.source === "fact"
                ? toWords(entry.kind)
                : `${entry.source}: ${toWords(entry.kind.replace(":", ", "))}`,
              entry.actor ? (entry.actor.email ?? entry.actor.id) : null,
              entry.superseded ? "corrected later" : null,
            ]
              .filter(Boolean)
              .join(" · "),
          }))}
        />
      )}
      {mayWork && incident.status === "open" ? <AddNote incidentId={incident.id} /> : null}
    </Panel>
  );
}

function toneOf({ source, kind }: Entry): Tone {
  if (source === "step") return kind.endsWith("failed") ? "critical" : "brand";
  if (source === "vote") return kind === "approve" ? "ok" : "neutral";
  return TONES[kind] ?? "neutral";
}

function AddNote({ incidentId }: { incidentId: string }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const [text, setText] = useState("");
  const add = useMutation(
    trpc.incidents.addNote.mutationOptions({
      onSuccess: () => setText(""),
      onSettled: () => client.invalidateQueries(trpc.incidents.pathFilter()),
    }),
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim()) add.mutate({ incidentId, text: text.trim() });
  };
  return (
    <form
      onSubmit={submit}
      style={{ padding: "10px 14px 12px", borderTop: "1px solid var(--v-line)" }}
      data-print="hide"
    >
      <Textarea
        aria-label="Note"
        placeholder="Add a note: what you found, what you decided"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        autosize
        minRows={1}
        maxRows={8}
        maxLength={10_000}
      />
      <ActionError error={add.error} />
      {text.trim() ? (
        <Group justify="flex-end" mt="xs">
          <Button type="submit" loading={add.isPending}>
            Add note
          </Button>
        </Group>
      ) : null}
    </form>
  );
}
