"use client";

import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { usePermits } from "../../shell/operator.tsx";
import { useTRPC } from "../../trpc/client.ts";
import { Badge } from "../../ui/badge.tsx";
import { Instant } from "../../ui/instant.tsx";
import { Loaded } from "../../ui/loaded.tsx";
import page from "../../ui/page.module.css";
import { PageHead } from "../../ui/page-head.tsx";
import { AuthorizationTabs } from "../authorization-tabs.tsx";
import { OpenProposal } from "./open-proposal.tsx";
import { PolicyPeople, PolicyThresholds } from "./policy-people.tsx";
import { PolicyVersions } from "./policy-versions.tsx";
import { ScopeCatalogue } from "./scope-catalogue.tsx";

/** The scope policy: what waits for a second person, what counts now, and how it came about. */
export function PolicyView() {
  const trpc = useTRPC();
  const mayChange = usePermits("policy.change");
  const policy = useQuery(trpc.policy.current.queryOptions());
  const proposals = useQuery(trpc.policy.proposals.queryOptions({ status: "pending" }));
  const change = (
    <Button component={Link} href="/policy/change">
      Propose a change
    </Button>
  );
  return (
    <>
      <PageHead
        title="Scope policy"
        state={policy.data ? <Badge tone="ok">version {policy.data.version}</Badge> : null}
        line={
          policy.data ? (
            <>
              in force since <Instant at={policy.data.createdAt} />. One person proposes a change, another
              decides.
            </>
          ) : null
        }
        actions={mayChange ? change : null}
      />
      <AuthorizationTabs />
      <div className={page.stack}>
        <Loaded query={proposals} what="the proposals" rows={2}>
          {({ proposals: open }) => (
            <>
              {open.map((proposal) => (
                <OpenProposal key={proposal.id} proposal={proposal} />
              ))}
            </>
          )}
        </Loaded>
        <Loaded query={policy} what="the policy" rows={10}>
          {(current) => (
            <>
              <ScopeCatalogue policy={current} />
              <div className={`${page.grid} ${page.half}`}>
                <PolicyPeople policy={current} />
                <PolicyThresholds policy={current} />
              </div>
            </>
          )}
        </Loaded>
        <PolicyVersions />
      </div>
    </>
  );
}
