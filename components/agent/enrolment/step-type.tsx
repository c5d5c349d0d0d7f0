"use client";

import { Radio } from "@mantine/core";
import { ADVICE, AGENT_TYPES, type AgentType } from "./agent-types.ts";
import { chooseType, type Draft, type Errors } from "./draft.ts";
import classes from "./enrolment.module.css";

type Props = { draft: Draft; errors: Errors; change: (draft: Draft) => void };

/** What kind of work it does: everything that follows is advised from this, and may be changed. */
export function StepType({ draft, errors, change }: Props) {
  return (
    <Radio.Group
      label="What the agent does"
      description="It decides what is advised on the next page, and nothing else."
      value={draft.type}
      error={errors.type}
      onChange={(type) => change(chooseType(draft, type as AgentType))}
    >
      <div className={classes.types} style={{ marginTop: 10 }}>
        {AGENT_TYPES.map((type) => (
          <div key={type} className={classes.type}>
            <Radio value={type} label={ADVICE[type].title} description={ADVICE[type].does} />
          </div>
        ))}
      </div>
    </Radio.Group>
  );
}
