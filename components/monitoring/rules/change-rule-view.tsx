"use client";

import { Button, SegmentedControl, Textarea } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useState } from "react";
import type { RuleSetView } from "#server/layers/monitoring/rule-change-schema.ts";
import { doesWords, ruleWords } from "#server/layers/monitoring/rule-words-schema.ts";
import { detectionRule } from "#server/layers/monitoring/rules-schema.ts";
import { Problems } from "../../authorization/policy/json-editor.tsx";
import { usePermits } from "../../shell/operator.tsx";
import { useTRPC } from "../../trpc/client.ts";
import { ActionError } from "../../ui/action-error.tsx";
import { Loaded } from "../../ui/loaded.tsx";
import { EmptyState } from "../../ui/notices.tsx";
import page from "../../ui/page.module.css";
import { PageHead } from "../../ui/page-head.tsx";
import { Panel } from "../../ui/panel.tsx";
import { ReasonField } from "../../ui/reason-field.tsx";
import { useUrlParam } from "../../ui/use-url-param.ts";
import { EditRule } from "./edit-rule.tsx";
import { NEW_RULE, type Problem, readRuleDraft, ruleText } from "./rule-draft.ts";
import { RuleDryRun } from "./rule-dry-run.tsx";
import classes from "./rules.module.css";

/** Writes a rule, as a form or as JSON, tries it on what was recorded, and proposes it. */
export function ChangeRuleView() {
  const trpc = useTRPC();
  const mayChange = usePermits("rules.change");
  const [id] = useUrlParam("rule");
  const rules = useQuery(trpc.rules.current.queryOptions());
  if (!mayChange)
    return (
      <>
        <PageHead title="Change a rule" />
        <EmptyState title="Analysts and administrators propose rules">Ask one to propose yours.</EmptyState>
      </>
    );
  return (
    <Loaded query={rules} what="the rules" rows={10}>
      {(set) => <Editor key={id ?? ""} set={set} id={id} />}
    </Loaded>
  );
}

function Editor({ set, id }: { set: RuleSetView; id: string | null }) {
  const before = set.rules.find(({ rule }) => rule.id === id)?.rule;
  const [begun] = useState(() => ruleText(before ?? NEW_RULE));
  const [text, setText] = useState(begun);
  const [view, setView] = useState("form");
  const { form, rule, problems } = readRuleDraft(text);
  return (
    <>
      <PageHead
        title={before ? `Change “${before.title}”` : "New rule"}
        line={`from version ${set.version}. Somebody else approves it.`}
        actions={
          text === begun ? null : (
            <Button variant="default" onClick={() => setText(begun)}>
              Begin anew
            </Button>
          )
        }
      />
      <div className={page.filters}>
        <SegmentedControl
          aria-label="Write the rule as"
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
            <Json text={text} problems={problems} onChange={setText} />
          ) : form ? (
            <EditRule rule={form} isNew={!before} onChange={(next) => setText(ruleText(next))} />
          ) : (
            <EmptyState title="The form cannot show this draft">
              {problems[0]?.message ?? "Its parts are of another kind."} Correct it in the JSON view; nothing
              is lost.
            </EmptyState>
          )}
        </div>
        <div className={page.stack}>
          <Panel title="In words">{rule ? <Words rule={rule} /> : <Problems problems={problems} />}</Panel>
          <RuleDryRun key={text} what={{ rules: rule ? [rule] : [] }} disabled={rule === null} />
          <Propose
            {...{ version: set.version, rule, changed: text !== begun || !before }}
            removable={before?.id ?? null}
          />
        </div>
      </div>
    </>
  );
}

function Words({ rule }: { rule: Record<string, unknown> }) {
  const read = detectionRule.safeParse(rule);
  return read.success ? (
    <p className={classes.words}>
      <strong>{ruleWords(read.data)}</strong> {doesWords(read.data)}
    </p>
  ) : null;
}

type JsonProps = { text: string; problems: readonly Problem[]; onChange: (text: string) => void };

function Json({ text, problems, onChange }: JsonProps) {
  return (
    <Panel title="The rule as JSON" note={`${text.split("\n").length} lines`}>
      <div className={page.form}>
        <Textarea
          className={classes.json}
          aria-label="The rule as JSON"
          rows={28}
          spellCheck={false}
          value={text}
          error={problems.length > 0 ? `${problems.length} to correct` : undefined}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
        <Problems
          problems={problems.map(({ message, line }) => ({
            message: line === null ? message : `Line ${line}: ${message}`,
            line: null,
          }))}
        />
      </div>
    </Panel>
  );
}

type ProposeProps = {
  version: number;
  rule: Record<string, unknown> | null;
  changed: boolean;
  removable: string | null;
};

function Propose({ version, rule, changed, removable }: ProposeProps) {
  const trpc = useTRPC();
  const router = useRouter();
  const [reason, setReason] = useState("");
  const propose = useMutation(trpc.rules.propose.mutationOptions({ onSuccess: () => router.push("/rules") }));
  const said = reason.trim();
  return (
    <Panel title="Propose it">
      <div className={page.form}>
        <ReasonField value={reason} onChange={setReason} />
        <span className="muted">
          Its examples are run when it is proposed; a rule that fails one is refused.
        </span>
        <ActionError error={propose.error} />
        <div className={classes.named} style={{ justifyContent: "flex-end" }}>
          {removable ? (
            <Button
              variant="default"
              disabled={said.length < 3}
              onClick={() => propose.mutate({ baseVersion: version, reason: said, remove: [removable] })}
            >
              Propose to remove it
            </Button>
          ) : null}
          <Button
            disabled={rule === null || !changed || said.length < 3}
            loading={propose.isPending}
            onClick={() => rule && propose.mutate({ baseVersion: version, reason: said, put: [rule] })}
          >
            Propose version {version + 1}
          </Button>
        </div>
      </div>
    </Panel>
  );
}
