"use client";

import { Button, Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { usePermits } from "../shell/operator.tsx";
import { useTRPC } from "../trpc/client.ts";
import { Loaded } from "../ui/loaded.tsx";
import { Panel } from "../ui/panel.tsx";
import { BreakGlass } from "./break-glass.tsx";
import { GrantList } from "./grant-list.tsx";
import { RequestApproval } from "./request-approval.tsx";

/** What an agent may do now, and asking for more. */
export function AgentAuthority({ name }: { name: string }) {
  const trpc = useTRPC();
  const grants = useQuery(trpc.grants.list.queryOptions({ agent: name }));
  const mayRequest = usePermits("approvals.request");
  const [requesting, setRequesting] = useState(false);
  return (
    <Panel
      title="May do"
      note={
        <Group gap={6}>
          <BreakGlass agent={name} />
          {mayRequest ? (
            <Button size="compact-xs" variant="default" onClick={() => setRequesting(true)}>
              Request scope…
            </Button>
          ) : null}
        </Group>
      }
      flush
    >
      <Loaded query={grants} what="its grants" rows={3}>
        {(data) => <GrantList grants={data.grants} />}
      </Loaded>
      <RequestApproval opened={requesting} onClose={() => setRequesting(false)} agent={name} />
    </Panel>
  );
}
