"use client";

import { NumberInput, Select, TagsInput } from "@mantine/core";
import type { FormPart } from "./rule-draft.ts";
import classes from "./rules.module.css";

type Props = { legend: string; where: FormPart; onChange: (where: FormPart) => void };

const texts = (value: unknown) => (Array.isArray(value) ? value.map(String) : []);

/** Which actions count: what is left empty does not matter. */
export function EditFilter({ legend, where, onChange }: Props) {
  const set = (key: string, value: unknown) => {
    const { [key]: _, ...rest } = where;
    const isEmpty = value === null || value === "" || (Array.isArray(value) && value.length === 0);
    onChange(isEmpty ? rest : { ...rest, [key]: value });
  };
  const hours = (where.hours ?? {}) as { from?: number; to?: number };
  const setHour = (part: "from" | "to", value: number | string) => {
    const next = { ...hours, [part]: value === "" ? undefined : Number(value) };
    set("hours", next.from === undefined && next.to === undefined ? null : next);
  };
  const patterns = (key: string, label: string) => (
    <TagsInput
      label={label}
      description="Names; * for any characters"
      placeholder={texts(where[key]).length > 0 ? "" : "any"}
      value={texts(where[key])}
      onChange={(value) => set(key, value)}
      clearable
    />
  );
  return (
    <fieldset className={classes.part}>
      <legend>{legend}</legend>
      <div className={classes.fields}>
        {patterns("actions", "Actions")}
        {patterns("endpoints", "Endpoints")}
        {patterns("data", "Data touched")}
        <Select
          label="Peer"
          description="Where what it reaches stands"
          placeholder="any"
          clearable
          data={["inside", "outside"]}
          value={typeof where.peer === "string" ? where.peer : null}
          onChange={(value) => set("peer", value)}
        />
        <Select
          label="Refused"
          description="By any layer"
          placeholder="either"
          clearable
          data={[
            { value: "yes", label: "only refused" },
            { value: "no", label: "only admitted" },
          ]}
          value={where.refused === true ? "yes" : where.refused === false ? "no" : null}
          onChange={(value) => set("refused", value === null ? null : value === "yes")}
        />
        <NumberInput
          label="Bytes, at least"
          description="Of one action"
          placeholder="any"
          min={1}
          value={typeof where.bytesAtLeast === "number" ? where.bytesAtLeast : ""}
          onChange={(value) => set("bytesAtLeast", value === "" ? null : Number(value))}
        />
        <NumberInput
          label="From hour"
          description="In the bank's zone"
          placeholder="any"
          min={0}
          max={23}
          value={hours.from ?? ""}
          onChange={(value) => setHour("from", value)}
        />
        <NumberInput
          label="Until hour"
          description="Over midnight where earlier"
          placeholder="any"
          min={0}
          max={23}
          value={hours.to ?? ""}
          onChange={(value) => setHour("to", value)}
        />
      </div>
    </fieldset>
  );
}
