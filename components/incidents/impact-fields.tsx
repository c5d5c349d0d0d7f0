"use client";

import { NumberInput, Select } from "@mantine/core";
import type { Impact } from "#server/incidents/schema.ts";
import type { AppOutput } from "../trpc/output.ts";
import { Badge } from "../ui/badge.tsx";
import { toWords } from "../ui/format.ts";
import classes from "./incidents.module.css";

type Props = { impact: Impact; onChange: (impact: Impact) => void };

const number = (value: string | number) => (value === "" ? null : Number(value));
const boolean = (value: string | null) => (value === null ? null : value === "yes");
const text = (value: boolean | null) => (value === null ? null : value ? "yes" : "no");

/** What is known of the impact. Left empty means not known yet, which is not zero. */
export function ImpactFields({ impact, onChange }: Props) {
  const set = (part: Partial<Impact>) => onChange({ ...impact, ...part });
  return (
    <div className={classes.formGrid}>
      <NumberInput
        label="Hours of service disruption"
        placeholder="not known yet"
        min={0}
        value={impact.serviceDisruptionHours ?? ""}
        onChange={(value) => set({ serviceDisruptionHours: number(value) })}
      />
      <NumberInput
        label="Customers affected"
        placeholder="not known yet"
        min={0}
        allowDecimal={false}
        thousandSeparator=","
        value={impact.customersAffected ?? ""}
        onChange={(value) => set({ customersAffected: number(value) })}
      />
      <Select
        label="Data breach confirmed"
        placeholder="not known yet"
        clearable
        data={["yes", "no"]}
        value={text(impact.dataBreachConfirmed)}
        onChange={(value) => set({ dataBreachConfirmed: boolean(value) })}
      />
      <Select
        label="Integrity of systems compromised"
        placeholder="not known yet"
        clearable
        data={["yes", "no"]}
        value={text(impact.systemIntegrityCompromised)}
        onChange={(value) => set({ systemIntegrityCompromised: boolean(value) })}
      />
      <NumberInput
        label="Financial loss (USD)"
        placeholder="not known yet"
        min={0}
        thousandSeparator=","
        value={impact.financialLossUsd ?? ""}
        onChange={(value) => set({ financialLossUsd: number(value) })}
      />
    </div>
  );
}

/** What the five signs say of it: advice beside the rule, never in its place. */
export function Advice({ advice }: { advice: AppOutput["incidents"]["advise"] | undefined }) {
  if (!advice) return null;
  return (
    <div style={{ margin: "14px 0" }} aria-live="polite">
      <p style={{ margin: "0 0 8px", fontWeight: 600 }}>{advice.summary}</p>
      <ul className={classes.rows}>
        {advice.triggers.map(({ id, fired, meaning }) => (
          <li key={id} style={{ display: "flex", gap: 10, padding: "4px 0", alignItems: "flex-start" }}>
            <span style={{ flex: "0 0 84px" }}>
              <Badge tone={fired === null ? "neutral" : fired ? "high" : "low"}>
                {fired === null ? "not known" : fired ? "present" : "absent"}
              </Badge>
            </span>
            <span>
              {toWords(id)} <span className="muted">{meaning}</span>
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
