"use client";

import { Button, Menu } from "@mantine/core";
import { IconDots, IconShieldOff } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import type { AgentDetail } from "#server/layers/identity/schema.ts";
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
      <ContainAgent agent={agent} opened={open === "contain"} onClose={close} />
      <JoinToken name={agent.name} opened={open === "token"} onClose={close} />
    </>
  );
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
