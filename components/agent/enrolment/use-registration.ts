import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useSearchParams } from "next/navigation";
import { useTRPC } from "../../trpc/client.ts";
import type { AppInput } from "../../trpc/output.ts";

type Registration = AppInput["agents"]["register"];
type Outcome = { onSuccess: () => void; onError: (error: { message: string }) => void };

/** The unknown identity that is being registered, where the address names one. */
export type Finding = { id: string; version: number; name: string };

/** Where an unknown identity is registered: the form begins with the name it suggests, and the two are linked. */
export function enrolFindingHref({ id, version, name }: Finding): string {
  return `/enrol-agent?${new URLSearchParams({ finding: id, version: String(version), name })}`;
}

/** The finding of the address; null where the registration begins from nothing. */
export function useFinding(): Finding | null {
  const params = useSearchParams();
  const [id, version] = [params.get("finding"), Number(params.get("version"))];
  return id && Number.isSafeInteger(version) ? { id, version, name: params.get("name") ?? "" } : null;
}

/** Registers an agent, and where it was a finding, links the finding to it in the same act. */
export function useRegistration(finding: Finding | null, outcome: Outcome) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const plain = useMutation(trpc.agents.register.mutationOptions(outcome));
  const linked = useMutation(
    trpc.shadowAgents.register.mutationOptions({
      ...outcome,
      onSettled: () => client.invalidateQueries(trpc.shadowAgents.pathFilter()),
    }),
  );
  const { error, isPending, reset } = finding ? linked : plain;
  const mutate = (agent: Registration) =>
    finding ? linked.mutate({ id: finding.id, version: finding.version, agent }) : plain.mutate(agent);
  return { mutate, error, isPending, reset };
}
