"use client";

import { Select, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { CRITICALITIES } from "#server/layers/identity/schema.ts";
import { useTRPC } from "../../trpc/client.ts";
import { toWords } from "../../ui/format.ts";
import page from "../../ui/page.module.css";
import { ADVICE } from "./agent-types.ts";
import type { Draft, Errors } from "./draft.ts";
import classes from "./enrolment.module.css";

type Props = { draft: Draft; errors: Errors; change: (draft: Draft) => void };

/** What it is called, who answers for it, where it stands and whose child it is. */
export function StepPlace({ draft, errors, change }: Props) {
  const trpc = useTRPC();
  const people = useQuery(trpc.users.list.queryOptions());
  const map = useQuery(trpc.isolation.map.queryOptions());
  const text = (field: "name" | "title" | "model" | "version") => ({
    value: draft[field],
    error: errors[field],
    onChange: (event: { currentTarget: { value: string } }) =>
      change({ ...draft, [field]: event.currentTarget.value }),
    autoComplete: "off",
  });
  return (
    <div className={page.form}>
      <TextInput
        label="Name"
        description="Lower-case letters, digits and hyphens. It becomes the identifier and is never used again."
        required
        spellCheck={false}
        {...text("name")}
      />
      <TextInput label="What it does" {...text("title")} />
      <Select
        label="Owner"
        description="The person who answers for it. Owners never approve their own agent's requests."
        data={(people.data ?? [])
          .filter((p) => !p.disabled)
          .map((p) => ({ value: p.id, label: `${p.name} (${p.email})` }))}
        value={draft.ownerId}
        error={errors.ownerId}
        onChange={(ownerId) => change({ ...draft, ownerId })}
        searchable
        clearable
      />
      <div className={classes.pair}>
        <Select
          label="Zone"
          data={(map.data?.zones ?? []).map((z) => ({
            value: z.name,
            label: `${z.name.toUpperCase()}: ${z.title}`,
          }))}
          value={draft.zone}
          error={errors.zone}
          onChange={(zone) => change({ ...draft, zone: zone ?? "a" })}
          allowDeselect={false}
        />
        <Select
          label="Criticality"
          data={CRITICALITIES.map((value) => ({ value, label: toWords(value) }))}
          value={draft.criticality}
          error={errors.criticality}
          onChange={(value) =>
            change({ ...draft, criticality: CRITICALITIES.find((one) => one === value) ?? "standard" })
          }
          allowDeselect={false}
        />
        <TextInput label="Model" {...text("model")} />
        <TextInput label="Version" {...text("version")} />
      </div>
      {ADVICE[draft.type ?? "other"].kind === "agent" ? (
        <Parent draft={draft} errors={errors} change={change} />
      ) : null}
    </div>
  );
}

/** Agents in service are offered as it is typed: a bank has thousands. */
function Parent({ draft, errors, change }: Props) {
  const trpc = useTRPC();
  const [typed, setTyped] = useState(draft.parent ?? "");
  const [search] = useDebouncedValue(typed, 200);
  const found = useQuery(
    trpc.agents.list.queryOptions(
      { search, kind: "agent", limit: 20 },
      { placeholderData: keepPreviousData },
    ),
  );
  const names = (found.data?.agents ?? [])
    .filter((agent) => ["enrolled", "active", "throttled"].includes(agent.status) && !agent.banned)
    .map((agent) => agent.name);
  const offered = draft.parent && !names.includes(draft.parent) ? [draft.parent, ...names] : names;
  return (
    <Select
      label="Parent"
      description="Whose child it is, for good: it may never more than its parent may, and stops when its parent is stopped."
      placeholder="None"
      data={offered}
      value={draft.parent}
      error={errors.parent}
      onChange={(parent) => change({ ...draft, parent })}
      searchValue={typed}
      onSearchChange={setTyped}
      filter={({ options }) => options}
      nothingFoundMessage="No agent in service has this in its name."
      searchable
      clearable
    />
  );
}
