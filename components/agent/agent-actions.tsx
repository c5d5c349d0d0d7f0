"use client";

import { Button, Menu } from "@mantine/core";
import { IconDots, IconShieldOff } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import type { AgentDetail } from "#server/layers/identity/schema.ts";
import { AgentStanding, type Standing } from "../identity/agent-standing.tsx";
import { JoinToken } from "../identity/join-token.tsx";
import { ContainAgent } from "../incidents/contain-agent.tsx";
import { usePermits } from "../shell/operator.tsx";
import { useTRPC } from "../trpc/client.ts";
import { incidentName } from "../ui/format.ts";

/** What may be done to an agent. Stopping it stands apart and asks before it acts. */
export function AgentActions({ agent }: { agent: AgentDetail }) {
  const mayRegister = usePermits("agents.register");
  const mayContain = usePermits("agents.contain");
  const [open, setOpen] = useState<"contain" | "token" | null>(null);
  const [standing, setStanding] = useState<Standing | null>(null);
  const close = () => setOpen(null);
  const contained = agent.status === "contained";
  const canAct = !contained && agent.status !== "retired" && agent.status !== "registered";
  return (
    <>
      {contained ? <ContainedLink name={agent.name} /> : null}
      {mayRegister ? (
        <Menu position="bottom-end">
          <Menu.Target>
            <Button variant="default" aria-label="More actions" px={8}>
              <IconDots size={16} aria-hidden />
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={() => setOpen("token")}>Create join token…</Menu.Item>
            {standingsFrom(agent).map(([to, label]) => (
              <Menu.Item key={to} onClick={() => setStanding(to)}>
                {label}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      ) : null}
      {mayContain && canAct ? (
        <Button
          color="red"
          leftSection={<IconShieldOff size={15} aria-hidden />}
          onClick={() => setOpen("contain")}
        >
          Contain…
        </Button>
      ) : null}
      <ContainAgent
        agent={agent}
        below={agent.below.filter((kin) => kin.status !== "retired").map((kin) => kin.name)}
        opened={open === "contain"}
        onClose={close}
      />
      <AgentStanding agent={agent} to={standing} onClose={() => setStanding(null)} />
      <JoinToken name={agent.name} opened={open === "token"} onClose={close} />
    </>
  );
}

/** What an administrator may make of it from here; a contained agent is released from its incident instead. */
function standingsFrom({ status, banned }: AgentDetail): [Standing, string][] {
  if (status === "retired") return [];
  const may: [Standing, string][] = [];
  if (status === "suspended" && !banned) may.push(["active", "Resume…"]);
  if (status !== "suspended" && status !== "contained") may.push(["suspended", "Suspend…"]);
  if (status !== "contained") may.push(["retired", "Retire…"]);
  if (!banned) may.push(["banned", "Ban…"]);
  return may;
}

/** From a contained agent to the incident where it is worked on and released. */
function ContainedLink({ name }: { name: string }) {
  const trpc = useTRPC();
  const open = useQuery(trpc.containment.list.queryOptions({ agent: name, open: true, limit: 1 }));
  const incident = open.data?.[0]?.incident;
  if (!incident) return null;
  return (
    <Button component={Link} href={`/incidents/${incident.number}`} variant="default">
      {incidentName(incident.number)}: work and release
    </Button>
  );
}
