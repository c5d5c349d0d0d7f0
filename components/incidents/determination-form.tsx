"use client";

import { Button, Checkbox, Group, Modal, Radio, Textarea } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Impact, LimbAnswer, LimbId, Outcome } from "#server/incidents/schema.ts";
import type { IncidentDetail } from "#server/incidents/views.ts";
import { useSteppedUp } from "../access/step-up.tsx";
import { useTRPC } from "../trpc/client.ts";
import { ActionError } from "../ui/action-error.tsx";
import { Advice, ImpactFields } from "./impact-fields.tsx";
import classes from "./incidents.module.css";
import { ANSWER_WORDS, LIMB_TITLES } from "./worksheet-words.ts";

type Props = { incident: IncidentDetail; opened: boolean; onClose: () => void };
type Answered = { answer: LimbAnswer | null; facts: string };

const NOTHING_KNOWN: Impact = {
  serviceDisruptionHours: null,
  customersAffected: null,
  dataBreachConfirmed: null,
  financialLossUsd: null,
  systemIntegrityCompromised: null,
};
const UNANSWERED: Answered = { answer: null, facts: "" };

/** The worksheet of the 36-hour rule. Vigil advises; the person decides, with the second factor, on record. */
export function DeterminationForm({ incident, opened, onClose }: Props) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={`Determination: ${incident.name}`}
      size="xl"
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <Worksheet incident={incident} onClose={onClose} />
    </Modal>
  );
}

function Worksheet({ incident, onClose }: Omit<Props, "opened">) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const [harm, setHarm] = useState<{ answer: boolean | null; facts: string }>({ answer: null, facts: "" });
  const [limbs, setLimbs] = useState<Record<LimbId, Answered>>({
    operations: UNANSWERED,
    "business-line": UNANSWERED,
    stability: UNANSWERED,
  });
  const [impact, setImpact] = useState<Impact>(NOTHING_KNOWN);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [reason, setReason] = useState("");
  const [supersedeClocks, setSupersedeClocks] = useState(false);
  const advice = useQuery(trpc.incidents.advise.queryOptions(impact, { placeholderData: (old) => old }));
  const mutation = useMutation(
    trpc.incidents.determine.mutationOptions({
      onSuccess: onClose,
      onSettled: () => client.invalidateQueries(trpc.incidents.pathFilter()),
    }),
  );
  const determine = useSteppedUp(mutation);
  const limb = ({ answer, facts }: Answered) =>
    answer && facts.trim() ? { answer, facts: facts.trim() } : null;
  const answered = {
    operations: limb(limbs.operations),
    line: limb(limbs["business-line"]),
    stability: limb(limbs.stability),
  };
  const { operations, line, stability } = answered;
  const submit = () => {
    if (!operations || !line || !stability || harm.answer === null || !outcome) return;
    void determine({
      incidentId: incident.id,
      expectedVersion: incident.version,
      outcome,
      reason: reason.trim(),
      supersedeClocks: outcome === "not-notifiable" && supersedeClocks,
      worksheet: {
        actualHarm: { answer: harm.answer, facts: harm.facts.trim() },
        limbs: { operations, "business-line": line, stability },
        impact,
      },
    });
  };
  const ready = Boolean(
    operations && line && stability && outcome && harm.answer !== null && harm.facts.trim() && reason.trim(),
  );
  const running = incident.clocks.some(({ status }) => status === "running" || status === "overdue");
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <ImpactFields impact={impact} onChange={setImpact} />
      <Advice advice={advice.data} />
      <fieldset className={classes.limb} style={{ border: 0, margin: 0 }}>
        <Radio.Group
          label="Was there actual harm to confidentiality, integrity or availability?"
          value={harm.answer === null ? null : harm.answer ? "yes" : "no"}
          onChange={(value) => setHarm({ ...harm, answer: value === "yes" })}
        >
          <Group mt={6}>
            <Radio value="yes" label="yes" />
            <Radio value="no" label="no" />
          </Group>
        </Radio.Group>
        <FactsField
          label="Facts about the harm"
          value={harm.facts}
          onChange={(facts) => setHarm({ ...harm, facts })}
        />
      </fieldset>
      {LIMB_TITLES.map(({ id, title }) => (
        <fieldset key={id} className={classes.limb} style={{ border: 0, margin: 0 }}>
          <Radio.Group
            label={title}
            description={advice.data?.limbs.find((one) => one.id === id)?.question}
            value={limbs[id].answer}
            onChange={(value) => setLimbs({ ...limbs, [id]: { ...limbs[id], answer: value as LimbAnswer } })}
          >
            <Group mt={6}>
              {Object.entries(ANSWER_WORDS).map(([value, words]) => (
                <Radio key={value} value={value} label={words} />
              ))}
            </Group>
          </Radio.Group>
          <FactsField
            label={`Facts: ${title.toLowerCase()}`}
            value={limbs[id].facts}
            onChange={(facts) => setLimbs({ ...limbs, [id]: { ...limbs[id], facts } })}
          />
        </fieldset>
      ))}
      <div className={classes.limb}>
        <Radio.Group label="Your decision" value={outcome} onChange={(value) => setOutcome(value as Outcome)}>
          <Group mt={6}>
            <Radio value="notifiable" label="It is a notification incident" />
            <Radio value="not-notifiable" label="It is not" />
          </Group>
        </Radio.Group>
        {outcome === "not-notifiable" && running ? (
          <Checkbox
            label="Also withdraw the clocks that run; left alone, they run on"
            checked={supersedeClocks}
            onChange={(event) => setSupersedeClocks(event.currentTarget.checked)}
          />
        ) : null}
        <FactsField label="Reason" value={reason} onChange={setReason} />
      </div>
      <ActionError error={mutation.error} />
      <Group justify="space-between" mt="md">
        <span className={classes.small} style={{ maxWidth: 380 }}>
          {outcome === "notifiable"
            ? "The 36 hours run from now and cannot be paused; only the agency's receipt stops them."
            : "The decision is recorded with your name. It can be made anew; none is ever changed."}
        </span>
        <Button type="submit" disabled={!ready} loading={mutation.isPending}>
          {outcome === "notifiable" ? "Determine and start the clock" : "Record determination"}
        </Button>
      </Group>
    </form>
  );
}

function FactsField({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string;
  onChange: (text: string) => void;
}) {
  return (
    <Textarea
      label={label}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      autosize
      minRows={1}
      maxRows={6}
      maxLength={4_000}
      required
    />
  );
}
