"use client";

import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { CertificateReport } from "#server/layers/identity/certificate-schema.ts";
import { useTRPC } from "../trpc/client.ts";
import { Badge } from "../ui/badge.tsx";
import { CheckList } from "../ui/check-list.tsx";
import { CopyText } from "../ui/copy-text.tsx";
import { shortDigest } from "../ui/format.ts";
import { Instant } from "../ui/instant.tsx";
import { Loaded } from "../ui/loaded.tsx";
import { EmptyState } from "../ui/notices.tsx";
import { Facts } from "../ui/page-head.tsx";
import { Panel } from "../ui/panel.tsx";
import { checksInWords, summary } from "./certificate-words.ts";
import classes from "./identity.module.css";

/** Whether each certificate holds, by the checks that agents judge each other by, and what it says of itself. */
export function CertificateChecks({ name }: { name: string }) {
  const trpc = useTRPC();
  const check = useQuery(trpc.agents.checkCertificates.queryOptions({ name }));
  const reports = check.data?.reports ?? [];
  const told = summary(reports);
  return (
    <Panel
      title="Certificate checks"
      state={told ? <Badge tone={told.tone}>{told.words}</Badge> : null}
      note={
        <Button
          variant="default"
          size="compact-sm"
          loading={check.isFetching}
          onClick={() => check.refetch()}
        >
          Check certificates
        </Button>
      }
      flush
    >
      <Loaded query={check} what="the certificate checks" rows={5}>
        {(data) =>
          data.reports.length === 0 ? (
            <EmptyState title="Nothing to check">The agent was never given a certificate.</EmptyState>
          ) : (
            <>
              <ul className={classes.reports}>
                {data.reports.map((report) => (
                  <Report key={report.purpose} report={report} />
                ))}
              </ul>
              <p className={classes.checked} aria-live="polite">
                Checked <Instant at={data.checkedAt} as="ago" /> against Vigil's authorities and revocation
                lists.
              </p>
            </>
          )
        }
      </Loaded>
    </Panel>
  );
}

function Report({ report }: { report: CertificateReport }) {
  const { purpose, checks, certificate, outcome } = report;
  return (
    <li>
      <details open={outcome === "deny"}>
        <summary className={classes.reportHead}>
          <strong>{purpose}</strong>
          <Badge tone={outcome === "allow" ? "ok" : "critical"}>{checksInWords(checks)}</Badge>
        </summary>
        <div className={classes.reportBody}>
          <CheckList checks={checks} named />
          {certificate ? <Fields purpose={purpose} fields={certificate} /> : null}
        </div>
      </details>
    </li>
  );
}

function Fields({
  purpose,
  fields,
}: {
  purpose: string;
  fields: NonNullable<CertificateReport["certificate"]>;
}) {
  const copy = (text: string, label: string) => (
    <CopyText text={text} shown={shortDigest(text)} label={`${label} of the ${purpose} certificate`} />
  );
  return (
    <Facts
      facts={[
        ["Subject", fields.subject],
        ["Issuer", fields.issuer],
        ["Serial", copy(fields.serial, "serial")],
        ["Names", fields.names.join(", ") || "none"],
        ["Key usage", fields.keyUsage.join(", ") || "none"],
        ["For", fields.extendedKeyUsage.join(", ") || "not stated"],
        ["Valid from", <Instant key="from" at={fields.notBefore} />],
        ["Valid to", <Instant key="to" at={fields.notAfter} />],
        ["Key", `${fields.key}, signed with ${fields.signature}`],
        ["Key id", fields.subjectKeyId ? copy(fields.subjectKeyId, "subject key id") : "none"],
        ["Issuer's key id", fields.authorityKeyId ? copy(fields.authorityKeyId, "authority key id") : "none"],
        ["SHA-256", copy(fields.thumbprintHex, "SHA-256 in hex")],
        ["x5t#S256", copy(fields.thumbprint, "SHA-256 in base64url")],
      ]}
    />
  );
}
