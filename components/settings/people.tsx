"use client";

import { Button, Modal } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTRPC } from "../trpc/client.ts";
import { Badge } from "../ui/badge.tsx";
import { DataTable } from "../ui/data-table.tsx";
import { Instant } from "../ui/instant.tsx";
import { Loaded } from "../ui/loaded.tsx";
import { Panel } from "../ui/panel.tsx";
import { AddPerson } from "./add-person.tsx";
import { PersonMenu } from "./person-menu.tsx";

/** Everybody with an account: roles, second factor, last seen. */
export function People() {
  const trpc = useTRPC();
  const people = useQuery(trpc.users.managed.queryOptions());
  const [adding, setAdding] = useState(false);
  return (
    <Panel
      title="People"
      note={
        <Button size="compact-xs" variant="default" onClick={() => setAdding(true)}>
          Add person…
        </Button>
      }
      flush
    >
      <Loaded query={people} what="the people" rows={5}>
        {(rows) => (
          <DataTable
            label="People"
            rows={rows}
            rowKey={(person) => person.id}
            columns={[
              { key: "name", header: "Name", render: (person) => person.name },
              { key: "email", header: "E-mail", wideOnly: true, render: (person) => person.email },
              { key: "roles", header: "Roles", render: (person) => person.roles.join(", ") || "none" },
              {
                key: "state",
                header: "State",
                render: (person) =>
                  person.disabled ? (
                    <Badge tone="critical">disabled</Badge>
                  ) : (
                    <Badge tone={person.hasTotp ? "ok" : "medium"}>
                      {person.hasTotp ? "second factor" : "password only"}
                    </Badge>
                  ),
              },
              {
                key: "seen",
                header: "Last seen",
                wideOnly: true,
                render: (person) => (person.lastSeenAt ? <Instant at={person.lastSeenAt} as="age" /> : "—"),
              },
              { key: "act", header: "", align: "right", render: (person) => <PersonMenu person={person} /> },
            ]}
          />
        )}
      </Loaded>
      <Modal
        opened={adding}
        onClose={() => setAdding(false)}
        title="Add a person"
        closeButtonProps={{ "aria-label": "Close" }}
      >
        <AddPerson onClose={() => setAdding(false)} />
      </Modal>
    </Panel>
  );
}
