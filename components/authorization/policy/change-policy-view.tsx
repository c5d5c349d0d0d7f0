"use client";

import { Button, SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { ScopePolicy } from "#server/layers/authorization/policy-schema.ts";
import { usePermits } from "../../shell/operator.tsx";
import { useTRPC } from "../../trpc/client.ts";
import { Badge } from "../../ui/badge.tsx";
import { Loaded } from "../../ui/loaded.tsx";
import { EmptyState, StaleBanner } from "../../ui/notices.tsx";
import page from "../../ui/page.module.css";
import { PageHead } from "../../ui/page-head.tsx";
import { EditForm } from "./edit-form.tsx";
import { JsonEditor } from "./json-editor.tsx";
import { readDraft, textOf } from "./policy-draft.ts";
import { ProposePanel } from "./propose-panel.tsx";
import { usePolicyDraft } from "./use-policy-draft.ts";

/** Writes a change of the policy, as a form or as JSON, and proposes it. Nothing counts until somebody else approves. */
export function ChangePolicyView() {
  const trpc = useTRPC();
  const mayChange = usePermits("policy.change");
  const policy = useQuery(trpc.policy.current.queryOptions());
  if (!mayChange)
    return (
      <>
        <PageHead title="Change the scope policy" />
        <EmptyState title="Administrators propose changes">Ask one to propose yours.</EmptyState>
      </>
    );
  return (
    <Loaded query={policy} what="the policy" rows={10}>
      {({ document }) => <Editor current={document} />}
    </Loaded>
  );
}

function Editor({ current }: { current: ScopePolicy }) {
  const { draft, touched, write, discard } = usePolicyDraft(current);
  const [view, setView] = useState("form");
  const { document, form, problems } = readDraft(draft);
  const outdated = touched && draft.baseVersion !== current.version;
  return (
    <>
      <PageHead
        title="Change the scope policy"
        state={touched ? <Badge tone="medium">draft, kept in this tab</Badge> : null}
        line={`from version ${draft.baseVersion}. Somebody else approves it.`}
        actions={
          touched ? (
            <Button variant="default" onClick={discard}>
              Throw the draft away
            </Button>
          ) : null
        }
      />
      {outdated ? (
        <StaleBanner>
          Version {current.version} counts now, and this draft changes version {draft.baseVersion}. It can no
          longer be proposed: copy what you need from its JSON, throw it away and begin at version{" "}
          {current.version}.
        </StaleBanner>
      ) : null}
      <div className={page.filters}>
        <SegmentedControl
          aria-label="Write the change as"
          value={view}
          onChange={setView}
          data={[
            { value: "form", label: "Form" },
            { value: "json", label: "JSON" },
          ]}
        />
      </div>
      <div className={`${page.grid} ${page.two}`}>
        <div className={page.stack}>
          {view === "json" ? (
            <JsonEditor text={draft.text} problems={problems} onChange={(text) => write({ text })} />
          ) : form ? (
            <EditForm policy={form} onChange={(next) => write({ text: textOf(next) })} />
          ) : (
            <EmptyState title="The form cannot show this draft">
              {problems[0]?.message ?? "Its parts are of another kind."} Correct it in the JSON view; nothing
              is lost.
            </EmptyState>
          )}
        </div>
        <div className={page.stack}>
          <ProposePanel
            draft={draft}
            document={document}
            problems={problems}
            onReason={(reason) => write({ reason })}
            onProposed={discard}
          />
        </div>
      </div>
    </>
  );
}
