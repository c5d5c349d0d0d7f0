"use client";

import { Button, Group, Modal, Select } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { ClaimView, FactsView, PersonAuthority } from "#server/layers/identity/facts-schema.ts";
import { useSteppedUp } from "../access/step-up.tsx";
import { useTRPC } from "../trpc/client.ts";
import { ActionError } from "../ui/action-error.tsx";
import { CopyText } from "../ui/copy-text.tsx";
import { shortDigest } from "../ui/format.ts";
import page from "../ui/page.module.css";
import { Facts } from "../ui/page-head.tsx";
import { AUTHORITY_NAMES, CLAIM_NAMES, valueLines } from "./facts-words.ts";

type Props = { facts: FactsView; claim: ClaimView; authority: PersonAuthority; onClose: () => void };

const STEPS_DAYS = [7, 30, 90, 180];

/** A person attests a claim as it stands, in one capacity, for a time: signed, and on record as theirs. */
export function AttestClaim(props: Props) {
  return (
    <Modal
      opened
      onClose={props.onClose}
      title={`Attest ${CLAIM_NAMES[props.claim.claim].toLowerCase()} as ${AUTHORITY_NAMES[props.authority].toLowerCase()}`}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <AttestForm {...props} />
    </Modal>
  );
}

function AttestForm({ facts, claim, authority, onClose }: Props) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const daysMax = facts.daysMax[authority];
  const [days, setDays] = useState(daysMax);
  const mutation = useMutation(
    trpc.facts.attest.mutationOptions({
      onSuccess: onClose,
      onSettled: () => client.invalidateQueries(trpc.facts.pathFilter()),
    }),
  );
  const attest = useSteppedUp(mutation);
  if (!claim.value || !claim.digest) return null;
  const { digest } = claim;
  const lines =
    claim.claim === "owner"
      ? [["Owner", facts.ownerEmail ?? facts.ownerId] as const]
      : valueLines(claim.value);
  return (
    <div className={page.form}>
      <p style={{ margin: 0 }}>
        You say that this is true of {facts.agent}. It is signed in the name of{" "}
        {AUTHORITY_NAMES[authority].toLowerCase()} and goes on record as yours. It ends by itself, with
        another value, or when it is withdrawn.
      </p>
      <Facts
        facts={[
          ...lines,
          ["Stated by", claim.statedBy],
          [
            "Digest",
            <CopyText
              key="digest"
              text={digest}
              shown={shortDigest(digest, 8)}
              label="digest of the claim"
            />,
          ],
        ]}
      />
      <Select
        label="Good for"
        description={`At most ${daysMax} days; then somebody must look again`}
        data={[...STEPS_DAYS.filter((step) => step < daysMax), daysMax].map((step) => ({
          value: String(step),
          label: `${step} days`,
        }))}
        value={String(days)}
        onChange={(value) => setDays(Number(value))}
        allowDeselect={false}
      />
      <ActionError error={mutation.error} />
      <Group justify="flex-end" gap="sm">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button
          loading={mutation.isPending}
          onClick={() => void attest({ name: facts.agent, claim: claim.claim, digest, authority, days })}
        >
          Attest
        </Button>
      </Group>
    </div>
  );
}
