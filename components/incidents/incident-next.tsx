"use client";

import { Button } from "@mantine/core";
import { IconArrowRight, IconCircle, IconCircleCheck, IconCircleDot } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import type { IncidentDetail } from "#server/incidents/views.ts";
import { useOperator, usePermits } from "../shell/operator.tsx";
import { useTRPC } from "../trpc/client.ts";
import { ActionError } from "../ui/action-error.tsx";
import classes from "./incidents.module.css";
import { type IncidentStep, incidentSteps, type StepState } from "./next-step.ts";

const ICONS: Record<StepState, typeof IconCircle> = {
  done: IconCircleCheck,
  now: IconCircleDot,
  later: IconCircle,
};
const WORDS: Record<StepState, string> = { done: "done", now: "now", later: "later" };

type Props = {
  incident: IncidentDetail;
  /** Opens what the step needs: a form of this page. */
  onStep: (step: IncidentStep) => void;
};

/** Where the incident stands, what presses now, and who may do it. */
export function IncidentNext({ incident, onStep }: Props) {
  const steps = incidentSteps(incident);
  const now = steps.find(({ state }) => state === "now");
  return (
    <section className={classes.next} aria-label="Next step" data-print="hide">
      <ol className={classes.steps}>
        {steps.map(({ key, title, state }) => {
          const Icon = ICONS[state];
          return (
            <li
              key={key}
              className={classes.step}
              data-state={state}
              aria-current={state === "now" ? "step" : undefined}
            >
              <Icon size={15} aria-hidden />
              {title}
              <span className="visually-hidden">, {WORDS[state]}</span>
            </li>
          );
        })}
      </ol>
      {now ? (
        <>
          <p className={classes.todo}>
            {now.todo} <span className={classes.who}>({now.who})</span>
          </p>
          <StepButton step={now} incident={incident} onStep={onStep} />
        </>
      ) : null}
    </section>
  );
}

function StepButton({ step, incident, onStep }: { step: IncidentStep } & Props) {
  const trpc = useTRPC();
  const { id } = useOperator();
  const mayWork = usePermits("incidents.work");
  const change = useMutation(trpc.incidents.change.mutationOptions());
  if (step.key === "lead")
    return mayWork ? (
      <>
        <Button
          loading={change.isPending}
          onClick={() =>
            change.mutate({
              incidentId: incident.id,
              expectedVersion: incident.version,
              leadId: id,
              reason: "took the lead",
            })
          }
        >
          I take the lead
        </Button>
        <ActionError error={change.error} />
      </>
    ) : null;
  const allowed: Record<string, boolean> = {
    determine: incident.canDetermine.allowed,
    notify: incident.canRecordReceipt.allowed,
    release: incident.containments.some(
      ({ canRelease, canRequestRelease }) => canRelease.allowed || canRequestRelease.allowed,
    ),
    close: mayWork,
  };
  const labels: Record<string, string> = {
    determine: "Open the worksheet",
    notify: "Record receipt",
    release: "Go to the release",
    close: "Close incident",
  };
  if (!allowed[step.key]) return null;
  return (
    <Button rightSection={<IconArrowRight size={14} aria-hidden />} onClick={() => onStep(step)}>
      {labels[step.key]}
    </Button>
  );
}
