"use client";

import { ActionIcon, Button, NumberInput, Select, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { ALL_APPROVERS } from "#server/layers/authorization/policy-schema.ts";
import page from "../../ui/page.module.css";
import classes from "./policy.module.css";
import { type FormPolicy, type FormStep, replaced } from "./policy-draft.ts";

type Props = {
  steps: readonly FormStep[];
  groups: FormPolicy["approverGroups"];
  onChange: (steps: FormStep[]) => void;
};

const STEPS_MAX = 5;

/** Who decides, step by step: all that a step needs is met before the next opens. */
export function EditSteps({ steps, groups, onChange }: Props) {
  const set = (at: number, step: FormStep | null) => onChange(replaced(steps, at, step));
  const added = { title: "Approval", needs: [{ from: ALL_APPROVERS, votes: 1 }] };
  return (
    <fieldset className={`${page.form} ${classes.group}`} aria-label="Who decides">
      {steps.map((step, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: steps have no name of their own; their place is what they are.
        <fieldset key={at} className={classes.step} aria-label={`Step ${at + 1}`}>
          <div className={classes.need}>
            <TextInput
              label={`Step ${at + 1}`}
              value={step.title}
              onChange={(event) => set(at, { ...step, title: event.currentTarget.value })}
            />
            <span />
            <Remove label={`Remove step ${at + 1}`} onClick={() => set(at, null)} />
          </div>
          <Needs step={step} groups={groups} onChange={(needs) => set(at, { ...step, needs })} />
        </fieldset>
      ))}
      {steps.length < STEPS_MAX ? (
        <div>
          <Button
            variant="default"
            size="compact-sm"
            leftSection={<IconPlus size={14} aria-hidden />}
            onClick={() => onChange([...steps, added])}
          >
            Add a step
          </Button>
        </div>
      ) : null}
    </fieldset>
  );
}

function Needs({
  step,
  groups,
  onChange,
}: {
  step: FormStep;
  groups: Props["groups"];
  onChange: (needs: FormStep["needs"]) => void;
}) {
  const options = [
    { value: ALL_APPROVERS, label: "Any approver" },
    ...groups.map(({ name, title }) => ({ value: name, label: title || name })),
  ];
  return (
    <>
      {step.needs.map((need, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a need is its place in the step.
        <div key={at} className={classes.need}>
          <Select
            label="From"
            data={options}
            value={need.from}
            allowDeselect={false}
            onChange={(from) => onChange(replaced(step.needs, at, { ...need, from: from ?? need.from }))}
          />
          <NumberInput
            label="People"
            min={1}
            max={5}
            allowDecimal={false}
            value={need.votes}
            onChange={(votes) => onChange(replaced(step.needs, at, { ...need, votes: Number(votes) || 1 }))}
          />
          <Remove
            label="Remove this need"
            disabled={step.needs.length === 1}
            onClick={() => onChange(replaced(step.needs, at, null))}
          />
        </div>
      ))}
      <div>
        <Button
          variant="subtle"
          size="compact-xs"
          onClick={() => onChange([...step.needs, { from: ALL_APPROVERS, votes: 1 }])}
        >
          And somebody else
        </Button>
      </div>
    </>
  );
}

function Remove(props: { label: string; disabled?: boolean; onClick: () => void }) {
  const { label, disabled = false, onClick } = props;
  return (
    <ActionIcon
      variant="default"
      size="lg"
      aria-label={label}
      title={label}
      disabled={disabled}
      onClick={onClick}
    >
      <IconTrash size={15} aria-hidden />
    </ActionIcon>
  );
}
