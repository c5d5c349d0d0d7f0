"use client";

import { Accordion, Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { Panel } from "../../ui/panel.tsx";
import { RiskBadge } from "../risk.tsx";
import { EditPeople, EditThresholds } from "./edit-people.tsx";
import { EditScope } from "./edit-scope.tsx";
import classes from "./policy.module.css";
import { type FormPolicy, newScope, replaced } from "./policy-draft.ts";

/** The common changes as a form: scopes, people, numbers. */
export function EditForm({
  policy,
  onChange,
}: {
  policy: FormPolicy;
  onChange: (policy: FormPolicy) => void;
}) {
  const [opened, setOpened] = useState<string | null>(null);
  const { scopes } = policy;
  const set = (next: FormPolicy["scopes"]) => onChange({ ...policy, scopes: next });
  const add = () => {
    set([...scopes, newScope(scopes.map(({ scope }) => scope))]);
    setOpened(String(scopes.length));
  };
  return (
    <>
      <Panel
        title="Scopes"
        note={
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<IconPlus size={14} aria-hidden />}
            onClick={add}
          >
            New scope
          </Button>
        }
        flush
      >
        <Accordion value={opened} onChange={setOpened} order={3}>
          {scopes.map((scope, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the name is what is being typed.
            <Accordion.Item key={at} value={String(at)}>
              <Accordion.Control>
                <span className={classes.named}>
                  <span className="mono">{scope.scope}</span>
                  <RiskBadge risk={scope.risk} />
                </span>
              </Accordion.Control>
              <Accordion.Panel>
                {opened === String(at) ? (
                  <EditScope
                    scope={scope}
                    groups={policy.approverGroups}
                    onChange={(next) => set(replaced(scopes, at, next))}
                    onRemove={() => {
                      setOpened(null);
                      set(replaced(scopes, at, null));
                    }}
                  />
                ) : null}
              </Accordion.Panel>
            </Accordion.Item>
          ))}
        </Accordion>
      </Panel>
      <EditPeople policy={policy} onChange={onChange} />
      <EditThresholds policy={policy} onChange={onChange} />
    </>
  );
}
