"use client";

import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useTRPC } from "../trpc/client.ts";
import { ConfirmDialog } from "../ui/confirm-dialog.tsx";

type Props = {
  agent: { id: string; name: string };
  alertId?: string;
  /** Names of those below it, who stop with it. */
  below?: readonly string[];
  opened: boolean;
  onClose: () => void;
};

/** Stops an agent: says what will happen, wants its name typed and a reason, then leads to the incident. */
export function ContainAgent({ agent, alertId, below = [], opened, onClose }: Props) {
  const trpc = useTRPC();
  const router = useRouter();
  const contain = useMutation(
    trpc.containment.contain.mutationOptions({
      onSuccess: () => {
        onClose();
        router.push(`/agents/${agent.name}`);
      },
    }),
  );
  return (
    <ConfirmDialog
      opened={opened}
      onClose={onClose}
      title={`Contain ${agent.name}`}
      confirmLabel={`Contain ${agent.name}`}
      danger
      typed={{ label: "Name of the agent", expected: agent.name }}
      reason={{ label: "Reason", placeholder: "What you saw; it goes on record" }}
      pending={contain.isPending}
      error={contain.error}
      onConfirm={(reason) => contain.mutate({ agentId: agent.id, reason, ...(alertId ? { alertId } : {}) })}
    >
      <p style={{ margin: 0 }}>At once, and in this order:</p>
      <ol style={{ margin: "6px 0", paddingLeft: 20 }}>
        <li>every access token of the agent is revoked{below.length > 0 ? ", and of all below it" : ""};</li>
        <li>every gateway refuses its next request and cuts its open connections;</li>
        {below.length > 0 ? (
          <li>
            below it these may do nothing either: <strong>{`${below.join(", ")};`}</strong>
          </li>
        ) : null}
        <li>the evidence is taken: grants, tokens, baseline, last actions, policy;</li>
        <li>an incident is opened and an alert raised.</li>
      </ol>
      <p style={{ margin: 0 }}>To undo it, one person asks for the release and a second one confirms it.</p>
    </ConfirmDialog>
  );
}
