"use client";

import { Button, Group, Modal, Select, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { BREAK_GLASS_REASON_MIN, type BreakGlassOffer } from "#server/layers/authorization/glass-schema.ts";
import { useSteppedUp } from "../access/step-up.tsx";
import { usePermits } from "../shell/operator.tsx";
import { useTRPC } from "../trpc/client.ts";
import { ActionError } from "../ui/action-error.tsx";
import { CheckList } from "../ui/check-list.tsx";
import { Loaded } from "../ui/loaded.tsx";
import page from "../ui/page.module.css";
import { durationWords, shorterDurations } from "./duration.ts";

/** Gives an agent a scope alone, because it cannot wait: what follows from it is said before anything is done. */
export function BreakGlass({ agent }: { agent: string }) {
  const [opened, setOpened] = useState(false);
  if (!usePermits("glass.break")) return null;
  return (
    <>
      <Button size="compact-xs" variant="default" onClick={() => setOpened(true)}>
        Break glass…
      </Button>
      <Modal
        opened={opened}
        onClose={() => setOpened(false)}
        title={`Break glass for ${agent}`}
        size="md"
        closeButtonProps={{ "aria-label": "Close" }}
      >
        <Offer agent={agent} onClose={() => setOpened(false)} />
      </Modal>
    </>
  );
}

function Offer({ agent, onClose }: { agent: string; onClose: () => void }) {
  const trpc = useTRPC();
  const offer = useQuery(trpc.glass.offer.queryOptions({ agent }));
  return (
    <Loaded query={offer} what="who may break glass" rows={4}>
      {(data) =>
        data.mayBreak.allowed ? (
          <BreakGlassForm agent={agent} offer={data} onClose={onClose} />
        ) : (
          <>
            <p style={{ marginTop: 0 }}>
              You cannot break glass for this agent. Ask for an approval instead.
            </p>
            <CheckList checks={data.mayBreak.checks} />
          </>
        )
      }
    </Loaded>
  );
}

type FormProps = { agent: string; offer: BreakGlassOffer; onClose: () => void };

function BreakGlassForm({ agent, offer, onClose }: FormProps) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const [scope, setScope] = useState<string | null>(null);
  const [seconds, setSeconds] = useState<number | null>(null);
  const [reason, setReason] = useState("");
  const [typed, setTyped] = useState("");
  const mutation = useMutation(
    trpc.glass.break.mutationOptions({
      onSuccess: onClose,
      onSettled: () =>
        Promise.all([trpc.glass, trpc.grants].map((router) => client.invalidateQueries(router.pathFilter()))),
    }),
  );
  const smash = useSteppedUp(mutation);
  const secondsMax = offer.scopes.find((one) => one.scope === scope)?.secondsMax ?? null;
  const durationSeconds = seconds ?? secondsMax;
  const ready = scope && durationSeconds && reason.trim().length >= BREAK_GLASS_REASON_MIN && typed === agent;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready && !mutation.isPending) void smash({ agent, scope, durationSeconds, reason: reason.trim() });
  };
  return (
    <form onSubmit={submit} className={page.form}>
      <p style={{ margin: 0 }}>
        The agent gets the scope at once and nobody else decides. A critical alert is raised and those on call
        are told. Somebody else must review it within {durationWords(offer.reviewWithinSeconds)}; until an
        overdue review is done you cannot break glass again.
      </p>
      <Select
        label="Scope"
        data={offer.scopes.map((one) => ({ value: one.scope, label: `${one.scope}: ${one.title}` }))}
        value={scope}
        onChange={(value) => {
          setScope(value);
          setSeconds(null);
        }}
        required
        data-autofocus
      />
      <Select
        label="Duration"
        description={secondsMax ? `At most ${durationWords(secondsMax)}, from now` : "Choose a scope first"}
        disabled={!secondsMax}
        data={(secondsMax ? shorterDurations(secondsMax) : []).map((one) => ({
          value: String(one),
          label: durationWords(one),
        }))}
        value={durationSeconds ? String(durationSeconds) : null}
        onChange={(value) => setSeconds(Number(value))}
        allowDeselect={false}
      />
      <Textarea
        label="Why it cannot wait"
        description={`At least ${BREAK_GLASS_REASON_MIN} characters; whoever reviews it reads this`}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        minLength={BREAK_GLASS_REASON_MIN}
        maxLength={1_000}
        autosize
        minRows={2}
        required
      />
      <TextInput
        label="Name of the agent"
        description={`Type ${agent}`}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        autoComplete="off"
        spellCheck={false}
        required
      />
      <ActionError error={mutation.error} />
      <Group justify="flex-end" gap="sm">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" color="red" disabled={!ready} loading={mutation.isPending}>
          Break glass
        </Button>
      </Group>
    </form>
  );
}
