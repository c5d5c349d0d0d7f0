"use client";

import { MultiSelect, Select, Switch, Textarea, TextInput } from "@mantine/core";
import { ATLAS_TECHNIQUES, OWASP_AGENTIC } from "#server/layers/monitoring/rule-tags-schema.ts";
import { RULE_DOES } from "#server/layers/monitoring/rules-schema.ts";
import { ALERT_SEVERITIES } from "#server/layers/monitoring/schema.ts";
import page from "../../ui/page.module.css";
import { Panel } from "../../ui/panel.tsx";
import { EditCondition } from "./edit-condition.tsx";
import type { FormRule } from "./rule-draft.ts";
import classes from "./rules.module.css";

type Props = { rule: FormRule; isNew: boolean; onChange: (rule: FormRule) => void };

const options = (table: Record<string, string>) =>
  Object.entries(table).map(([value, name]) => ({ value, label: `${value} ${name}` }));
const DOES = { alert: "alert", refuse: "refuse and alert", limit: "limit and alert" } as const;

/** A rule as a form. Agents and examples are written in the JSON view; they are shown here. */
export function EditRule({ rule, isNew, onChange }: Props) {
  const set = (part: Partial<FormRule>) => onChange({ ...rule, ...part });
  return (
    <>
      <Panel title="The rule">
        <div className={page.form}>
          <Switch
            label="On"
            checked={rule.enabled}
            onChange={(event) => set({ enabled: event.currentTarget.checked })}
          />
          <div className={classes.fields}>
            <TextInput
              label="Title"
              description="What the alert says"
              value={rule.title}
              onChange={(event) => set({ title: event.currentTarget.value })}
            />
            <TextInput
              label="Name"
              description={isNew ? "Lower-case words with -" : "Stays: alerts are grouped by it"}
              value={rule.id}
              readOnly={!isNew}
              spellCheck={false}
              onChange={(event) => set({ id: event.currentTarget.value })}
            />
            <Select
              label="Severity"
              description="Of its alerts"
              data={[...ALERT_SEVERITIES]}
              value={rule.severity}
              allowDeselect={false}
              onChange={(severity) => set({ severity: severity ?? rule.severity })}
            />
            <Select
              label="Does"
              description="Containing is left to people"
              data={RULE_DOES.map((value) => ({ value, label: DOES[value] }))}
              value={rule.does}
              allowDeselect={false}
              onChange={(does) => set({ does: does ?? rule.does })}
            />
          </div>
          <Textarea
            label="Description"
            autosize
            minRows={2}
            value={rule.description}
            onChange={(event) => set({ description: event.currentTarget.value })}
          />
          <Textarea
            label="When it is wrong"
            description="What makes it fire without cause, and what to do then"
            autosize
            minRows={2}
            value={rule.falsePositives}
            onChange={(event) => set({ falsePositives: event.currentTarget.value })}
          />
          <div className={classes.fields}>
            <MultiSelect
              label="MITRE ATLAS"
              data={options(ATLAS_TECHNIQUES)}
              value={rule.tags.atlas}
              searchable
              onChange={(atlas) => set({ tags: { ...rule.tags, atlas } })}
            />
            <MultiSelect
              label="OWASP Agentic Top 10"
              data={options(OWASP_AGENTIC)}
              value={rule.tags.owasp}
              searchable
              onChange={(owasp) => set({ tags: { ...rule.tags, owasp } })}
            />
          </div>
        </div>
      </Panel>
      <Panel title="What it looks for">
        <div className={page.form}>
          <EditCondition
            condition={rule.condition}
            onChange={(condition) => set({ condition: condition as FormRule["condition"] })}
          />
        </div>
      </Panel>
      <Panel title="Examples" note="written in the JSON view">
        <ul className={classes.said}>
          {rule.examples.map(({ title, fires }, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: titles may repeat while they are written.
            <li key={at}>
              {fires ? "fires for" : "does not fire for"} {title}
            </li>
          ))}
        </ul>
      </Panel>
    </>
  );
}
