"use client";

import { Button, Group, Modal, NumberInput, Select, Textarea } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { OVERRIDE_SECONDS_MAX } from "#server/layers/authorization/trust-schema.ts";
import { useTRPC } from "../trpc/client.ts";
import { ActionError } from "../ui/action-error.tsx";
import page from "../ui/page.module.css";
import { durationWords, shorterDurations } from "./duration.ts";

type Props = { opened: boolean; onClose: () => void; agent: string };

/** Asks that trust be set by hand for a time. Somebody else decides. */
export function RequestOverride({ opened, onClose, agent }: Props) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={`Set trust in ${agent} by hand`}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <RequestForm onClose={onClose} agent={agent} />
    </Modal>
  );
}

function RequestForm({ onClose, agent }: Omit<Props, "opened">) {
  const trpc = useTRPC();
  const [score, setScore] = useState<number | string>("");
  const [seconds, setSeconds] = useState(3_600);
  const request = useMutation(trpc.trust.requestOverride.mutationOptions({ onSuccess: onClose }));
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const reason = String(new FormData(event.currentTarget).get("reason"));
    if (typeof score === "number") request.mutate({ agent, score, durationSeconds: seconds, reason });
  };
  return (
    <form onSubmit={submit} className={page.form}>
      <p style={{ margin: 0 }}>
        It counts once an approver who is neither you nor the agent's owner has agreed, and ends by itself.
        What is computed goes on beside it. An agent that is stopped is not lifted by it.
      </p>
      <NumberInput
        label="Trust"
        description="From 0 to 1, in hundredths; up or down"
        value={score}
        onChange={setScore}
        min={0}
        max={1}
        step={0.05}
        decimalScale={2}
        clampBehavior="strict"
        required
        data-autofocus
      />
      <Select
        label="For"
        description={`Counted from the approval, at most ${durationWords(OVERRIDE_SECONDS_MAX)}`}
        data={[...shorterDurations(86_400), 3 * 86_400, OVERRIDE_SECONDS_MAX].map((one) => ({
          value: String(one),
          label: durationWords(one),
        }))}
        value={String(seconds)}
        onChange={(value) => setSeconds(Number(value))}
        allowDeselect={false}
      />
      <Textarea label="Reason" name="reason" required minLength={3} maxLength={1_000} autosize minRows={2} />
      <ActionError error={request.error} />
      <Group justify="flex-end" gap="sm">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={request.isPending} disabled={typeof score !== "number"}>
          Send request
        </Button>
      </Group>
    </form>
  );
}
