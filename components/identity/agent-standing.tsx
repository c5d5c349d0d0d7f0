"use client";

import { useMutation } from "@tanstack/react-query";
import type { AgentDetail } from "#server/layers/identity/schema.ts";
import { useTRPC } from "../trpc/client.ts";
import { ConfirmDialog } from "../ui/confirm-dialog.tsx";

export type Standing = "suspended" | "active" | "retired" | "banned";

const WORDS: Record<Standing, { verb: string; what: string; danger: boolean }> = {
  suspended: {
    verb: "Suspend",
    what: "Its tokens die and every gateway refuses it, until an administrator resumes it.",
    danger: true,
  },
  active: {
    verb: "Resume",
    what: "It may act again, with new tokens: those that died stay dead.",
    danger: false,
  },
  retired: {
    verb: "Retire",
    what: "Its tokens and certificates die for good. Its name stays taken and its history stays.",
    danger: true,
  },
  banned: {
    verb: "Ban",
    what: "Its tokens and certificates die for good, and it can never enrol again. There is no way back.",
    danger: true,
  },
};

type Props = { agent: AgentDetail; to: Standing | null; onClose: () => void };

/** Suspends, resumes, retires or bans an agent, and says first who below it that concerns. */
export function AgentStanding({ agent, to, onClose }: Props) {
  const trpc = useTRPC();
  const options = { onSuccess: onClose };
  const stand = useMutation(trpc.agents.setStanding.mutationOptions(options));
  const ban = useMutation(trpc.agents.ban.mutationOptions(options));
  const concerned = agent.below.filter((kin) => kin.status !== "retired").map((kin) => kin.name);
  const words = WORDS[to ?? "suspended"];
  const confirm = (reason: string) => {
    const { name } = agent;
    if (to === "banned") ban.mutate({ name, reason });
    else if (to) stand.mutate({ name, to, reason, alsoRetires: to === "retired" ? concerned : [] });
  };
  return (
    <ConfirmDialog
      opened={to !== null}
      onClose={onClose}
      title={`${words.verb} ${agent.name}`}
      confirmLabel={
        concerned.length > 0 && to === "retired" ? `Retire all ${concerned.length + 1}` : words.verb
      }
      danger={words.danger}
      {...(words.danger ? { typed: { label: "Name of the agent", expected: agent.name } } : {})}
      reason={{ label: "Reason", placeholder: "It goes on record" }}
      pending={stand.isPending || ban.isPending}
      error={stand.error ?? ban.error}
      onConfirm={confirm}
    >
      <p style={{ margin: 0 }}>{words.what}</p>
      <Concerned names={concerned} to={to} />
    </ConfirmDialog>
  );
}

const BELOW: Record<Standing, string> = {
  suspended: "Below it, these may do nothing either until then",
  active: "Below it, these may act again as far as their own standing allows",
  retired: "With it retire, for good",
  banned: "Below it, these may do nothing from then on",
};

/** Names of everybody below, in full: nobody is stopped unseen. */
export function Concerned({ names, to }: { names: readonly string[]; to: Standing | null }) {
  if (names.length === 0 || to === null) return null;
  return (
    <p style={{ margin: "10px 0 0" }}>
      {BELOW[to]}: <strong>{names.join(", ")}</strong>.
    </p>
  );
}
