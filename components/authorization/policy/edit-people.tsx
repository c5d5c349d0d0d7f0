"use client";

import { Button, MultiSelect, NumberInput, TextInput } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { CLIENT_AUTH_METHODS } from "#server/layers/authorization/policy-schema.ts";
import { useTRPC } from "../../trpc/client.ts";
import page from "../../ui/page.module.css";
import { Panel } from "../../ui/panel.tsx";
import { durationWords } from "../duration.ts";
import classes from "./policy.module.css";
import { type FormPolicy, replaced } from "./policy-draft.ts";

type Props = { policy: FormPolicy; onChange: (policy: FormPolicy) => void };
type Group = FormPolicy["approverGroups"][number];

/** Approver groups and who may break glass, picked by name. */
export function EditPeople({ policy, onChange }: Props) {
  const { approverGroups: groups, breakGlass } = policy;
  const setGroups = (next: Group[]) => onChange({ ...policy, approverGroups: next });
  return (
    <Panel title="People">
      <div className={page.form}>
        {groups.map((group, at) => (
          <EditGroup
            // biome-ignore lint/suspicious/noArrayIndexKey: the name is what is being typed.
            key={at}
            group={group}
            onChange={(next) => setGroups(replaced(groups, at, next))}
          />
        ))}
        <div>
          <Button
            variant="default"
            size="compact-sm"
            leftSection={<IconPlus size={14} aria-hidden />}
            onClick={() =>
              setGroups([...groups, { name: `group-${groups.length + 1}`, title: "", members: [] }])
            }
          >
            Add a group of approvers
          </Button>
        </div>
        <PickPeople
          label="May break glass"
          description="They give a scope alone when it cannot wait. Nobody where nobody is named."
          chosen={breakGlass.people}
          onChange={(people) => onChange({ ...policy, breakGlass: { ...breakGlass, people } })}
        />
        <div className={classes.fields}>
          {(["secondsMax", "reviewWithinSeconds"] as const).map((name) => (
            <Seconds
              key={name}
              label={name === "secondsMax" ? "Such a grant lives, seconds" : "Reviewed within, seconds"}
              value={breakGlass[name]}
              onChange={(value) => onChange({ ...policy, breakGlass: { ...breakGlass, [name]: value } })}
            />
          ))}
        </div>
      </div>
    </Panel>
  );
}

function EditGroup({ group, onChange }: { group: Group; onChange: (group: Group | null) => void }) {
  return (
    <fieldset className={classes.step} aria-label={`Group ${group.title || group.name}`}>
      <div className={classes.fields}>
        <TextInput
          label="Group"
          description="Lower-case letters, digits and -"
          value={group.name}
          spellCheck={false}
          onChange={(event) => onChange({ ...group, name: event.currentTarget.value })}
        />
        <TextInput
          label="Called"
          description="As approvers read it"
          value={group.title}
          onChange={(event) => onChange({ ...group, title: event.currentTarget.value })}
        />
      </div>
      <PickPeople
        label="Members"
        description="A member votes only while they hold the role approver, too"
        chosen={group.members}
        onChange={(members) => onChange({ ...group, members })}
      />
      <div>
        <Button color="red" variant="outline" size="compact-sm" onClick={() => onChange(null)}>
          Remove the group {group.title || group.name}
        </Button>
      </div>
    </fieldset>
  );
}

type Picking = {
  label: string;
  description: string;
  chosen: readonly string[];
  onChange: (ids: string[]) => void;
};

function PickPeople({ label, description, chosen, onChange }: Picking) {
  const trpc = useTRPC();
  const users = useQuery(trpc.users.list.queryOptions());
  const known = (users.data ?? []).filter(({ disabled, id }) => !disabled || chosen.includes(id));
  const gone = chosen.filter((id) => !known.some((user) => user.id === id));
  return (
    <MultiSelect
      label={label}
      description={description}
      searchable
      data={[
        ...known.map(({ id, name, roles }) => ({
          value: id,
          label: `${name} (${roles.join(", ") || "no role"})`,
        })),
        ...gone.map((id) => ({ value: id, label: id })),
      ]}
      value={[...chosen]}
      onChange={onChange}
    />
  );
}

/** The numbers that hold for every scope, and how agents prove themselves. */
export function EditThresholds({ policy, onChange }: Props) {
  const seconds = [
    ["tokenSecondsMax", "A token lives, seconds"],
    ["approvalOpenSeconds", "A request waits, seconds"],
    ["reaskAfterSeconds", "Asked anew after a denial, seconds"],
  ] as const;
  return (
    <Panel title="Thresholds">
      <div className={classes.fields}>
        <NumberInput
          label="MEDIUM needs trust above"
          description="0 to 1; exactly this is refused"
          min={0}
          max={1}
          step={0.05}
          decimalScale={4}
          value={policy.mediumTrustAbove}
          onChange={(value) => onChange({ ...policy, mediumTrustAbove: Number(value) || 0 })}
        />
        {seconds.map(([name, label]) => (
          <Seconds
            key={name}
            label={label}
            value={policy[name]}
            onChange={(value) => onChange({ ...policy, [name]: value })}
          />
        ))}
        <MultiSelect
          label="Agents prove themselves by"
          description="RFC 7523, RFC 8705 §2.1"
          data={[...CLIENT_AUTH_METHODS]}
          value={policy.clientAuth}
          onChange={(chosen) =>
            onChange({ ...policy, clientAuth: CLIENT_AUTH_METHODS.filter((it) => chosen.includes(it)) })
          }
        />
      </div>
    </Panel>
  );
}

function Seconds(props: { label: string; value: number; onChange: (value: number) => void }) {
  return (
    <NumberInput
      label={props.label}
      description={durationWords(props.value)}
      min={0}
      allowDecimal={false}
      value={props.value}
      onChange={(value) => props.onChange(Number(value) || 0)}
    />
  );
}
