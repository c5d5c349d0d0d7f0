"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { z } from "zod";
import type { RecordDetail } from "#server/layers/audit/schema.ts";
import { useTRPC } from "../trpc/client.ts";
import { Badge } from "../ui/badge.tsx";
import { CheckList } from "../ui/check-list.tsx";
import { CopyText } from "../ui/copy-text.tsx";
import { formatCount, formatIso, shortDigest } from "../ui/format.ts";
import { Loaded } from "../ui/loaded.tsx";
import page from "../ui/page.module.css";
import { Facts, PageHead } from "../ui/page-head.tsx";
import { Panel } from "../ui/panel.tsx";
import classes from "./audit.module.css";
import { Outcome } from "./record-columns.tsx";
import { RecordPayload } from "./record-payload.tsx";
import { RecordProof } from "./record-proof.tsx";

const checks = z.array(z.object({ id: z.string(), passed: z.boolean(), detail: z.string() }));

/** One record: who, what, why, its exact bytes, and the proof that they are the ones that were written. */
export function RecordView({ id }: { id: string }) {
  const trpc = useTRPC();
  const record = useQuery(trpc.audit.record.queryOptions({ id }));
  return (
    <Loaded query={record} what="this record" rows={10}>
      {(data) => (
        <>
          <PageHead
            title={data.kind}
            state={
              <>
                <Badge tone={data.digestMatches ? "ok" : "critical"}>
                  {data.digestMatches ? "bytes match the digest" : "bytes do not match the digest"}
                </Badge>
                <Badge tone={data.state === "provable" ? "ok" : "neutral"}>{data.state}</Badge>
              </>
            }
            line={data.seq === null ? "not chained yet" : `record ${formatCount(data.seq)}`}
          />
          <div className={`${page.grid} ${page.half}`}>
            <div className={page.stack}>
              <Who record={data} />
              <Why record={data} />
              <Panel title="Canonical bytes" note="RFC 8785, what was hashed" flush>
                <pre className={classes.code}>{data.canonical}</pre>
              </Panel>
            </div>
            <div className={page.stack}>
              <RecordProof record={data} />
              {data.payload ? <RecordPayload payload={data.payload} /> : null}
            </div>
          </div>
        </>
      )}
    </Loaded>
  );
}

function Who({ record }: { record: RecordDetail }) {
  const text = (name: string) => {
    const value = record.body[name];
    return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
  };
  const list = (name: string) => {
    const value = record.body[name];
    return Array.isArray(value) && value.length > 0 ? value.join(", ") : undefined;
  };
  const optional: [string, string | undefined][] = [
    ["On behalf of", text("onBehalfOf")],
    ["Transactions", list("transactionIds")],
    ["Data accessed", list("dataAccessed")],
    ["Confidence", text("confidence")],
    ["Grants", list("grantIds")],
    ["Approval", text("approvalId")],
    ["Policy version", text("policyVersion")],
    ["Trace", text("trace")],
  ];
  return (
    <Panel title="Who, when, what">
      <Facts
        facts={[
          [
            "When",
            <span key="at" className="mono">
              {formatIso(record.at)}
            </span>,
          ],
          ["Who", record.actor],
          [
            "Agent",
            record.agent ? (
              <Link key="agent" href={`/agents/${record.agent.name}`}>
                {record.agent.name}
              </Link>
            ) : (
              "none"
            ),
          ],
          ["Decided", <Outcome key="outcome" outcome={record.outcome} />],
          [
            "Digest",
            <CopyText
              key="digest"
              text={record.digest}
              shown={shortDigest(record.digest, 8)}
              label="digest"
            />,
          ],
          ...optional.filter((one): one is [string, string] => one[1] !== undefined),
        ]}
      />
    </Panel>
  );
}

function Why({ record }: { record: RecordDetail }) {
  const decided = checks.safeParse(record.body.checks);
  if (!decided.success || decided.data.length === 0) return null;
  return (
    <Panel title="Why">
      <CheckList checks={decided.data} />
    </Panel>
  );
}
