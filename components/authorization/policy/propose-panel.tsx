"use client";

import { Button, Group, Textarea } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { POLICY_REASON_CHARS_MAX } from "#server/layers/authorization/proposal-schema.ts";
import { useTRPC } from "../../trpc/client.ts";
import { ActionError } from "../../ui/action-error.tsx";
import page from "../../ui/page.module.css";
import { Panel } from "../../ui/panel.tsx";
import { ChangeList, EffectCounts } from "./change-list.tsx";
import { DryRunPanel } from "./dry-run-panel.tsx";
import { Problems } from "./json-editor.tsx";
import type { PolicyDraft, Problem } from "./policy-draft.ts";

type Props = {
  draft: PolicyDraft;
  document: Record<string, unknown> | null;
  problems: readonly Problem[];
  onReason: (reason: string) => void;
  onProposed: () => void;
};

/** What the draft changes and which way, what it would have done, and the proposal with its reason. */
export function ProposePanel({ draft, document, problems, onReason, onProposed }: Props) {
  const trpc = useTRPC();
  const router = useRouter();
  const { reason } = draft;
  const propose = useMutation(
    trpc.policy.propose.mutationOptions({
      onSuccess: () => {
        onProposed();
        router.push("/policy");
      },
    }),
  );
  const valid = document !== null && problems.length === 0;
  return (
    <>
      <Compare key={`compare ${draft.text}`} {...{ draft, document, problems }} />
      <DryRunPanel key={`try ${draft.text}`} what={{ document: document ?? {} }} disabled={!valid} />
      <Panel title="Propose it">
        <div className={page.form}>
          <Textarea
            label="Reason"
            description="Why the policy should change; it stays with the version"
            value={reason}
            onChange={(event) => onReason(event.currentTarget.value)}
            autosize
            minRows={2}
            maxLength={POLICY_REASON_CHARS_MAX}
            required
          />
          <ActionError error={propose.error} />
          <Group justify="flex-end">
            <Button
              disabled={!valid || reason.trim().length < 3}
              loading={propose.isPending}
              onClick={() =>
                document &&
                propose.mutate({ baseVersion: draft.baseVersion, document, reason: reason.trim() })
              }
            >
              Propose version {draft.baseVersion + 1}
            </Button>
          </Group>
        </div>
      </Panel>
    </>
  );
}

/** In what the draft differs from the policy that counts; asked for anew after every edit. */
function Compare({ draft, document, problems }: Pick<Props, "draft" | "document" | "problems">) {
  const trpc = useTRPC();
  const users = useQuery(trpc.users.list.queryOptions());
  const preview = useMutation(trpc.policy.preview.mutationOptions());
  const people = Object.fromEntries((users.data ?? []).map(({ id, name }) => [id, name]));
  const compare = (
    <Button
      size="compact-sm"
      variant="default"
      disabled={document === null || problems.length > 0}
      loading={preview.isPending}
      onClick={() => document && preview.mutate({ document })}
    >
      Compare
    </Button>
  );
  return (
    <Panel
      title="What it changes"
      state={preview.data ? <EffectCounts changes={preview.data.changes} /> : null}
      note={compare}
      flush
    >
      {preview.data ? (
        <ChangeList changes={preview.data.changes} people={people} label="What the draft changes" />
      ) : (
        <div style={{ padding: "10px 14px" }}>
          <Problems problems={problems} />
          {problems.length > 0 ? null : (
            <span className="muted">
              Compare the draft with version {draft.baseVersion} before you propose it: what loosens is
              marked.
            </span>
          )}
        </div>
      )}
      <ActionError error={preview.error} />
    </Panel>
  );
}
