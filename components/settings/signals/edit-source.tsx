"use client";

import { Button, Checkbox, Group, NumberInput, Select, Textarea } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ALERT_SEVERITIES, type AlertSeverity } from "#server/layers/monitoring/schema.ts";
import { type MappingRule, mapping } from "#server/layers/monitoring/signal-schema.ts";
import type { SourceView } from "#server/layers/monitoring/signal-source-schema.ts";
import { useTRPC } from "../../trpc/client.ts";
import { ActionError } from "../../ui/action-error.tsx";
import classes from "../settings.module.css";

/** How a source's signals find their agents: an ordered list of rules, as data, and what they raise. */
export function EditSource({ source }: { source: SourceView }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const [text, setText] = useState(() => JSON.stringify(source.mapping, null, 2));
  const [alertFrom, setAlertFrom] = useState<AlertSeverity>(source.alertFrom);
  const [rate, setRate] = useState<number | string>(source.ratePerMinute);
  const [silence, setSilence] = useState<number | string>(source.silentAfterSeconds ?? "");
  const [find, setFind] = useState(source.findUnknown);
  const change = useMutation(
    trpc.signals.change.mutationOptions({
      onSettled: () => client.invalidateQueries(trpc.signals.pathFilter()),
    }),
  );
  const { rules, complaint } = readRules(text);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!rules) return;
    const { id: sourceId, version } = source;
    change.mutate({
      ...{ sourceId, version, mapping: rules, alertFrom, findUnknown: find },
      ratePerMinute: Number(rate),
      silentAfterSeconds: silence === "" ? null : Number(silence),
    });
  };
  return (
    <form className={classes.form} onSubmit={submit}>
      <Textarea
        label="Mapping"
        description="The first rule that applies decides; docs/signals.md names the kinds"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        error={complaint}
        autosize
        minRows={4}
        maxRows={14}
        spellCheck={false}
        classNames={{ input: "mono" }}
      />
      <Group grow align="flex-start">
        <Select
          label="Alerts from"
          data={[...ALERT_SEVERITIES]}
          value={alertFrom}
          allowDeselect={false}
          onChange={(value) => setAlertFrom(value as AlertSeverity)}
        />
        <NumberInput
          label="Requests a minute, at most"
          min={1}
          max={60_000}
          value={rate}
          onChange={setRate}
        />
      </Group>
      <NumberInput
        label="Seconds of silence that are an alarm"
        description="Empty where it may be silent"
        min={10}
        max={2_592_000}
        value={silence}
        onChange={setSilence}
      />
      <Checkbox
        label="Whom it tells of and Vigil does not know is a finding"
        checked={find}
        onChange={(event) => setFind(event.currentTarget.checked)}
      />
      <ActionError error={change.error} />
      <Group justify="flex-end">
        <Button type="submit" variant="default" disabled={!rules} loading={change.isPending}>
          Save
        </Button>
      </Group>
    </form>
  );
}

function readRules(text: string): { rules: MappingRule[] | null; complaint: string | null } {
  try {
    const read = mapping.safeParse(JSON.parse(text));
    if (read.success) return { rules: read.data, complaint: null };
    const { path, message } = read.error.issues[0] ?? { path: [], message: "" };
    return {
      rules: null,
      complaint: `Rule ${Number(path[0]) + 1}, ${path.slice(1).join(".") || "as a whole"}: ${message}`,
    };
  } catch {
    return { rules: null, complaint: "This is not JSON." };
  }
}
