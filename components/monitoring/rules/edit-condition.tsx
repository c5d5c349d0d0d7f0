"use client";

import { NumberInput, Select, TagsInput, TextInput } from "@mantine/core";
import { RULE_KINDS, RULE_LIMITS, RULE_MEASURES } from "#server/layers/monitoring/rules-schema.ts";
import { EditFilter } from "./edit-filter.tsx";
import { CONDITIONS, type FormPart } from "./rule-draft.ts";
import classes from "./rules.module.css";

type Props = { condition: FormPart & { kind: string }; onChange: (condition: FormPart) => void };

const part = (value: unknown): FormPart =>
  typeof value === "object" && value !== null ? (value as FormPart) : {};
const texts = (value: unknown) => (Array.isArray(value) ? value.map(String) : []);

/** What the rule looks for: its kind, its numbers and its filters. */
export function EditCondition({ condition, onChange }: Props) {
  const set = (more: FormPart) => onChange({ ...condition, ...more });
  const number = (key: string, label: string, description: string) =>
    key in condition ? (
      <NumberInput
        label={label}
        description={description}
        min={1}
        thousandSeparator=" "
        value={typeof condition[key] === "number" ? condition[key] : ""}
        onChange={(value) => set({ [key]: value === "" ? null : Number(value) })}
      />
    ) : null;
  return (
    <>
      <div className={classes.fields}>
        <Select
          label="Kind"
          description="Another kind begins anew"
          data={[...RULE_KINDS]}
          value={condition.kind}
          allowDeselect={false}
          onChange={(kind) => onChange(CONDITIONS[kind ?? ""] ?? condition)}
        />
        {number("above", "More than", "So many within the span")}
        {number("aboveBytes", "More bytes than", "Moved within the span")}
        {number("seconds", "Span, seconds", `10 to ${RULE_LIMITS.secondsMax}, in tens`)}
        {condition.kind === "rate" ? (
          <Measure value={condition.measure} onChange={(measure) => set({ measure })} />
        ) : null}
      </div>
      {"where" in condition ? (
        <EditFilter
          legend="Actions that count"
          where={part(condition.where)}
          onChange={(where) => set({ where })}
        />
      ) : null}
      {condition.kind === "sequence" ? <Sequence condition={condition} set={set} /> : null}
      {condition.kind === "forbidden-data" ? <Forbidden condition={condition} set={set} /> : null}
    </>
  );
}

type Part = { condition: FormPart; set: (more: FormPart) => void };

function Sequence({ condition, set }: Part) {
  const [first, next] = [part(condition.first), part(condition.next)];
  return (
    <>
      <div className={classes.fields}>
        <NumberInput
          label="First, at least"
          description="So many of the first step"
          min={1}
          value={typeof first.atLeast === "number" ? first.atLeast : ""}
          onChange={(value) => set({ first: { ...first, atLeast: value === "" ? null : Number(value) } })}
        />
        <Measure value={first.measure} onChange={(measure) => set({ first: { ...first, measure } })} />
      </div>
      <EditFilter
        legend="First"
        where={part(first.where)}
        onChange={(where) => set({ first: { ...first, where } })}
      />
      <EditFilter
        legend="Then"
        where={part(next.where)}
        onChange={(where) => set({ next: { ...next, where } })}
      />
    </>
  );
}

function Forbidden({ condition, set }: Part) {
  return (
    <div className={classes.fields}>
      <TagsInput
        label="Words"
        description="Parts of a name, between / : . _ -"
        value={texts(condition.words)}
        onChange={(words) => set({ words })}
      />
      <TagsInput
        label="Names"
        description="Whole names; * for any characters"
        value={texts(condition.patterns)}
        onChange={(patterns) => set({ patterns })}
      />
      <TextInput
        label="Unless the token has the scope"
        description="Such as customer:sensitive_data"
        value={String(condition.unlessScope ?? "")}
        spellCheck={false}
        onChange={(event) => set({ unlessScope: event.currentTarget.value })}
      />
    </div>
  );
}

function Measure({ value, onChange }: { value: unknown; onChange: (measure: string) => void }) {
  return (
    <Select
      label="Counts"
      description="Each, or different ones"
      data={[...RULE_MEASURES]}
      value={typeof value === "string" ? value : "actions"}
      allowDeselect={false}
      onChange={(measure) => onChange(measure ?? "actions")}
    />
  );
}
