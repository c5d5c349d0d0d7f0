"use client";

import { Select, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import {
  AGENT_KINDS,
  AGENT_STATUSES,
  type AgentStatus,
  type ListAgentsInput,
} from "#server/layers/identity/schema.ts";
import { useTRPC } from "../trpc/client.ts";
import { toWords } from "../ui/format.ts";
import page from "../ui/page.module.css";
import { useUrlParam } from "../ui/use-url-param.ts";

const ONLY = [
  { value: "orphaned", label: "Nobody answers for it" },
  { value: "never-seen", label: "Never seen" },
];

/** Which agents are shown: it lives in the address, so that a copied link shows the same. */
export function useAgentFilter() {
  const [search, setSearch] = useUrlParam("q");
  const [status, setStatus] = useUrlParam("status");
  const [kind, setKind] = useUrlParam("kind");
  const [owner, setOwner] = useUrlParam("owner");
  const [only, setOnly] = useUrlParam("only");
  const filter: ListAgentsInput = {
    search: search ?? undefined,
    status: AGENT_STATUSES.find((known): known is AgentStatus => known === status),
    kind: AGENT_KINDS.find((known) => known === kind),
    ownerId: owner ?? undefined,
    orphaned: only === "orphaned" ? true : undefined,
    neverSeen: only === "never-seen" ? true : undefined,
  };
  const narrowed = Boolean(search || status || kind || owner || only);
  return { filter, only, narrowed, setSearch, setStatus, setKind, setOwner, setOnly };
}

export function AgentFilters({ by }: { by: ReturnType<typeof useAgentFilter> }) {
  const trpc = useTRPC();
  const people = useQuery(trpc.users.list.queryOptions());
  const searchSoon = useDebouncedCallback((text: string) => by.setSearch(text || null), 200);
  const { filter } = by;
  return (
    <search className={page.filters}>
      <TextInput
        aria-label="Filter agents by name"
        placeholder="Name or title"
        leftSection={<IconSearch size={14} aria-hidden />}
        defaultValue={filter.search ?? ""}
        onChange={(event) => searchSoon(event.currentTarget.value)}
        w={220}
      />
      <Select
        aria-label="Filter agents by status"
        placeholder="Any status"
        clearable
        data={AGENT_STATUSES.map((value) => ({ value, label: toWords(value) }))}
        value={filter.status ?? null}
        onChange={by.setStatus}
        w={140}
      />
      <Select
        aria-label="Filter agents by kind"
        placeholder="Any kind"
        clearable
        data={AGENT_KINDS.map((value) => ({ value, label: toWords(value) }))}
        value={filter.kind ?? null}
        onChange={by.setKind}
        w={150}
      />
      <Select
        aria-label="Filter agents by owner"
        placeholder="Any owner"
        clearable
        searchable
        data={(people.data ?? []).map((person) => ({ value: person.id, label: person.email }))}
        value={filter.ownerId ?? null}
        onChange={by.setOwner}
        w={190}
      />
      <Select
        aria-label="Only agents that need a look"
        placeholder="All of them"
        clearable
        data={ONLY}
        value={by.only}
        onChange={by.setOnly}
        w={190}
      />
    </search>
  );
}
