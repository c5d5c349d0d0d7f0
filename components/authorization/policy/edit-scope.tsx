"use client";

import { Button, NumberInput, Select, Textarea, TextInput } from "@mantine/core";
import { RISKS, SCOPE_GROUPS } from "#server/layers/authorization/policy-schema.ts";
import page from "../../ui/page.module.css";
import { durationWords } from "../duration.ts";
import { EditSteps } from "./edit-steps.tsx";
import classes from "./policy.module.css";
import { type FormPolicy, type FormScope, intoGroup } from "./policy-draft.ts";

type Props = {
  scope: FormScope;
  groups: FormPolicy["approverGroups"];
  onChange: (scope: FormScope) => void;
  onRemove: () => void;
};

/** One scope's rule: how risky, for how long, who decides, and which actions it covers. */
export function EditScope({ scope, groups, onChange, onRemove }: Props) {
  const base = scope.group === "base";
  const set = (part: Partial<FormScope>) => onChange({ ...scope, ...part });
  return (
    <div className={page.form}>
      <div className={classes.fields}>
        <TextInput
          label="Scope"
          description="Two lower-case words with a colon"
          value={scope.scope}
          spellCheck={false}
          onChange={(event) => set({ scope: event.currentTarget.value })}
        />
        <TextInput
          label="Allows"
          description="In words that an approver reads"
          value={scope.title}
          onChange={(event) => set({ title: event.currentTarget.value })}
        />
        <Select
          label="Group"
          description="Base scopes stand; the others end"
          data={[...SCOPE_GROUPS]}
          value={scope.group}
          allowDeselect={false}
          onChange={(group) =>
            onChange(intoGroup(scope, SCOPE_GROUPS.find((it) => it === group) ?? scope.group))
          }
        />
        <Select
          label="Risk"
          description={base ? "A base scope is LOW" : "MEDIUM asks for trust, HIGH alerts"}
          data={[...RISKS]}
          value={scope.risk}
          disabled={base}
          allowDeselect={false}
          onChange={(risk) => set({ risk: RISKS.find((it) => it === risk) ?? scope.risk })}
        />
        {scope.secondsMax === null ? null : (
          <NumberInput
            label="At most, seconds"
            description={`${durationWords(scope.secondsMax)} for one approval`}
            min={60}
            allowDecimal={false}
            value={scope.secondsMax}
            onChange={(value) => set({ secondsMax: Number(value) || 0 })}
          />
        )}
      </div>
      {base ? null : <EditSteps steps={scope.steps} groups={groups} onChange={(steps) => set({ steps })} />}
      <Textarea
        label="Actions"
        description="One pattern a line; * stands for any run of characters within one part of a name"
        value={scope.actions.join("\n")}
        spellCheck={false}
        autosize
        minRows={3}
        maxRows={14}
        classNames={{ input: "mono" }}
        onChange={(event) => set({ actions: linesOf(event.currentTarget.value) })}
      />
      {base ? null : (
        <p className="muted" style={{ margin: 0 }}>
          {scope.amounts ? "Sums limit this scope" : "No sums limit this scope"}; they are set in the JSON,
          under amounts.
        </p>
      )}
      <div>
        <Button color="red" variant="outline" size="compact-sm" onClick={onRemove}>
          Take {scope.scope} out of the policy
        </Button>
      </div>
    </div>
  );
}

/** Patterns have no spaces; an empty last line is where somebody is about to type. */
function linesOf(text: string): string[] {
  const lines = text.split("\n").map((line) => line.trim());
  return lines.filter((line, at) => line !== "" || (at > 0 && at === lines.length - 1));
}
