"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useTRPC } from "../../trpc/client.ts";
import type { AppOutput } from "../../trpc/output.ts";
import { CopyText } from "../../ui/copy-text.tsx";
import { shortDigest } from "../../ui/format.ts";
import { Instant } from "../../ui/instant.tsx";
import { Loaded } from "../../ui/loaded.tsx";
import { Facts } from "../../ui/page-head.tsx";
import classes from "../settings.module.css";
import { lagWords, OUTCOME_WORDS } from "./source-words.ts";

type Signal = AppOutput["signals"]["get"];

/** One signal: whose it was taken for and by which rule, and its payload as it came. */
export function SignalDetail({ id }: { id: string }) {
  const trpc = useTRPC();
  const signal = useQuery(trpc.signals.get.queryOptions({ id }));
  return (
    <Loaded query={signal} what="the signal">
      {(one) => (
        <div className={classes.form}>
          <Facts facts={factsOf(one)} />
          <p className="muted" style={{ margin: 0 }}>
            The payload as it came; all of it is the sender's word.
          </p>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
          <section className={classes.payload} tabIndex={0} aria-label="Payload">
            <pre className="mono">{one.payload}</pre>
          </section>
          <CopyText text={one.payload} shown="Copy the payload" label="payload" />
        </div>
      )}
    </Loaded>
  );
}

function factsOf(one: Signal): Parameters<typeof Facts>[0]["facts"] {
  return [
    ["Source", one.source.name],
    ["Outcome", `${OUTCOME_WORDS[one.outcome].word}${one.test ? ", a trial" : ""}`],
    ...(one.reason ? ([["Why", one.reason]] as const) : []),
    [
      "Agent",
      one.agent ? (
        <Link key="agent" href={`/agents/${one.agent.name}`}>
          {one.agent.name}
        </Link>
      ) : (
        "none"
      ),
    ],
    ...(one.matched
      ? ([["Mapped by", `${one.matched.rule}: ${one.matched.field} = ${one.matched.value}`]] as const)
      : []),
    ["Rule", one.rule ?? "unreadable"],
    ["Says", one.title ?? "unreadable"],
    ["Priority", one.priority ?? "none"],
    ["Tags", one.tags.join(", ") || "none"],
    ["Received", <Instant key="received" at={one.receivedAt} />],
    ["How late", lagWords(one.lagMs)],
    ...(one.alertNumber === null
      ? []
      : ([
          [
            "Alert",
            <Link key="alert" href={`/alerts/${one.alertNumber}`}>
              {`Alert ${one.alertNumber}`}
            </Link>,
          ],
        ] as const)),
    [
      "Event",
      <CopyText key="event" text={one.eventId} shown={shortDigest(one.eventId, 12)} label="event id" />,
    ],
  ];
}
