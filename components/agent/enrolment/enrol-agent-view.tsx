"use client";

import { Button } from "@mantine/core";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { vigilCode } from "../../access/vigil-code.ts";
import { usePermits } from "../../shell/operator.tsx";
import { ActionError } from "../../ui/action-error.tsx";
import { EmptyState } from "../../ui/notices.tsx";
import { PageHead } from "../../ui/page-head.tsx";
import { Panel } from "../../ui/panel.tsx";
import {
  type Draft,
  EMPTY_DRAFT,
  type Errors,
  errorsOf,
  fieldOfRefusal,
  registration,
  STEPS,
  type Step,
  stepOf,
} from "./draft.ts";
import classes from "./enrolment.module.css";
import { Registered } from "./registered.tsx";
import { StepPlace } from "./step-place.tsx";
import { StepReview } from "./step-review.tsx";
import { StepRights } from "./step-rights.tsx";
import { StepType } from "./step-type.tsx";
import { type Finding, useFinding, useRegistration } from "./use-registration.ts";

const TITLES: Record<Step, string> = {
  type: "Kind of work",
  rights: "Rights and rules",
  place: "Name and place",
  review: "Review",
};

/** Registers an agent step by step, from what kind of work it does to the command that enrols it. */
export function EnrolAgentView() {
  const mayRegister = usePermits("agents.register");
  const named = useFinding();
  const [finding, setFinding] = useState(named);
  const [draft, setDraft] = useState<Draft>({ ...EMPTY_DRAFT, name: named?.name ?? "" });
  const [registered, setRegistered] = useState(false);
  const again = () => {
    setDraft(EMPTY_DRAFT);
    setFinding(null);
    setRegistered(false);
  };
  return (
    <>
      <PageHead title={registered ? `${draft.name} is registered` : "Register an agent"} />
      <div className={classes.body}>
        {mayRegister ? (
          registered ? (
            <Panel title="Enrol it">
              <Registered draft={draft} onAnother={again} />
            </Panel>
          ) : (
            <Steps
              finding={finding}
              draft={draft}
              setDraft={setDraft}
              onRegistered={() => setRegistered(true)}
            />
          )
        ) : (
          <EmptyState title="Administrators register agents">Ask one to register yours.</EmptyState>
        )}
      </div>
    </>
  );
}

type StepsProps = {
  finding: Finding | null;
  draft: Draft;
  setDraft: (draft: Draft) => void;
  onRegistered: () => void;
};

function Steps({ finding, draft, setDraft, onRegistered }: StepsProps) {
  const [at, setAt] = useState(0);
  const [errors, setErrors] = useState<Errors>({});
  const heading = useStepFocus(at);
  const register = useRegistration(finding, { onSuccess: onRegistered, onError: show });
  const step = STEPS[at] ?? "type";
  const change = (next: Draft) => {
    setDraft(next);
    setErrors({});
    register.reset();
  };

  /** A refusal is shown beside the field that it is about, on the step where that field stands. */
  function show(error: { message: string }): void {
    const field = fieldOfRefusal(vigilCode(error));
    if (!field) return;
    setErrors({ [field]: error.message });
    setAt(STEPS.indexOf(stepOf(field)));
  }

  const goOn = (event: FormEvent) => {
    event.preventDefault();
    const found = errorsOf(draft, step);
    setErrors(found);
    if (Object.keys(found).length > 0) return;
    if (step === "review") register.mutate(registration(draft));
    else setAt(at + 1);
  };
  const props = { draft, errors, change };
  return (
    <Panel title={TITLES[step]} note={`step ${at + 1} of ${STEPS.length}`}>
      <ol className={classes.steps} aria-label="Steps">
        {STEPS.map((one, index) => (
          <li key={one} aria-current={one === step ? "step" : undefined}>
            {index + 1}. {TITLES[one]}
          </li>
        ))}
      </ol>
      <form onSubmit={goOn} noValidate>
        <h3 ref={heading} tabIndex={-1} className="visually-hidden">
          {`Step ${at + 1} of ${STEPS.length}: ${TITLES[step]}`}
        </h3>
        {step === "type" ? <StepType {...props} /> : null}
        {step === "rights" ? <StepRights {...props} /> : null}
        {step === "place" ? <StepPlace {...props} /> : null}
        {step === "review" ? <StepReview draft={draft} /> : null}
        <div role="alert" className="visually-hidden">
          {Object.values(errors).join(" ")}
        </div>
        {fieldOfRefusal(vigilCode(register.error)) ? null : <ActionError error={register.error} />}
        <div className={classes.buttons}>
          {at > 0 ? (
            <Button variant="default" onClick={() => setAt(at - 1)}>
              Back
            </Button>
          ) : null}
          <Button type="submit" loading={register.isPending}>
            {step === "review" ? "Register agent" : "Continue"}
          </Button>
        </div>
      </form>
    </Panel>
  );
}

/** Moves the focus to the head of a step that was just reached, so that a screen reader begins there. */
function useStepFocus(at: number) {
  const heading = useRef<HTMLHeadingElement>(null);
  const shown = useRef(at);
  useEffect(() => {
    if (shown.current !== at) heading.current?.focus();
    shown.current = at;
  }, [at]);
  return heading;
}
