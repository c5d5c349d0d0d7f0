"use client";

import { useQuery } from "@tanstack/react-query";
import { useTRPC } from "../../trpc/client.ts";
import { toWords } from "../../ui/format.ts";
import { Facts } from "../../ui/page-head.tsx";
import { ADVICE } from "./agent-types.ts";
import type { Draft } from "./draft.ts";

/** All that will be registered, before it is. */
export function StepReview({ draft }: { draft: Draft }) {
  const trpc = useTRPC();
  const people = useQuery(trpc.users.list.queryOptions());
  const advice = ADVICE[draft.type ?? "other"];
  const owner = people.data?.find((person) => person.id === draft.ownerId)?.email;
  return (
    <Facts
      facts={[
        ["Name", draft.name],
        ["Kind of work", advice.title],
        ["Does", draft.title || "not said"],
        ["Owner", owner ?? "nobody: it will be flagged"],
        ["Zone", draft.zone.toUpperCase()],
        ["Criticality", toWords(draft.criticality)],
        ["Parent", draft.parent ?? "none"],
        ["Standing scopes", draft.scopes.length > 0 ? draft.scopes.join(", ") : "none"],
        ["Asks for, each time", advice.onApproval.map((it) => it.scope).join(", ") || "nothing foreseen"],
        ["Model", draft.model || "not said"],
        ["Version", draft.version || "not said"],
      ]}
    />
  );
}
