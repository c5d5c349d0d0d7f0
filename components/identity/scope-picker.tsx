"use client";

import { MultiSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTRPC } from "../trpc/client.ts";

/** Base scopes, which an agent has for good; everything else needs an approval each time. */
export function ScopePicker({ value, onChange }: { value: string[]; onChange: (scopes: string[]) => void }) {
  const trpc = useTRPC();
  const policy = useQuery(trpc.grants.policy.queryOptions());
  const base = (policy.data?.scopes ?? []).filter((rule) => rule.group === "base");
  return (
    <MultiSelect
      size="xs"
      label="Standing scopes"
      description="Base scopes only. Elevated ones are requested later and end by themselves."
      data={base.map((rule) => ({ value: rule.scope, label: `${rule.scope}: ${rule.title}` }))}
      value={value}
      onChange={onChange}
      searchable
      clearable
    />
  );
}
