"use client";

import { Select, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { PURPOSES, type Purpose, RENEWAL_STATES, type RenewalState } from "#server/layers/identity/schema.ts";
import page from "../ui/page.module.css";
import { useUrlParam } from "../ui/use-url-param.ts";

/** What of the radar is shown: it lives in the address, so that a copied link shows the same. */
export function useRadarFilter() {
  const [purpose, setPurpose] = useUrlParam("purpose");
  const [state, setState] = useUrlParam("state");
  const [search, setSearch] = useUrlParam("q");
  const filter = {
    purpose: PURPOSES.find((known): known is Purpose => known === purpose),
    state: RENEWAL_STATES.find((known): known is RenewalState => known === state),
    search: search ?? undefined,
  };
  return { filter, narrowed: Boolean(purpose || state || search), setPurpose, setState, setSearch };
}

export function RadarFilters({ radar }: { radar: ReturnType<typeof useRadarFilter> }) {
  const { filter, setPurpose, setState, setSearch } = radar;
  const searchSoon = useDebouncedCallback((text: string) => setSearch(text || null), 200);
  return (
    <search className={page.filters}>
      <TextInput
        aria-label="Filter credentials by agent"
        placeholder="Agent's name or title"
        leftSection={<IconSearch size={14} aria-hidden />}
        defaultValue={filter.search ?? ""}
        onChange={(event) => searchSoon(event.currentTarget.value)}
        w={240}
      />
      <Select
        aria-label="Purpose"
        placeholder="Any purpose"
        clearable
        data={[...PURPOSES]}
        value={filter.purpose ?? null}
        onChange={setPurpose}
        w={150}
      />
      <Select
        aria-label="How the renewal stands"
        placeholder="Any state"
        clearable
        data={[...RENEWAL_STATES]}
        value={filter.state ?? null}
        onChange={setState}
        w={140}
      />
    </search>
  );
}
