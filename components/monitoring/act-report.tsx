"use client";

import { Button, Modal, Progress } from "@mantine/core";
import Link from "next/link";
import type { AlertActView } from "#server/layers/monitoring/alert-work-schema.ts";
import { alertName } from "../ui/format.ts";

type Props = { report: AlertActView | null; onClose: () => void };

/** How far an act on many has come, then what did not come to be as asked, alert by alert. */
export function ActReport({ report, onClose }: Props) {
  if (!report) return null;
  const { total, waiting, done, exceptions, missing } = report;
  const settled = total - waiting;
  // When all was done as asked there is nothing to read.
  if (waiting === 0 && exceptions.length === 0 && missing === 0) return null;
  return (
    <Modal
      opened
      onClose={onClose}
      title={`${done} of ${total} done`}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      {waiting > 0 ? (
        <>
          <Progress value={(settled / total) * 100} aria-label="Progress" />
          <p role="status">
            {settled} of {total}
          </p>
        </>
      ) : null}
      {missing > 0 ? (
        <p className="muted">{missing} no longer matched when it began, and were left alone.</p>
      ) : null}
      <ul style={{ margin: 0, padding: 0, listStyle: "none", display: "grid", gap: 6 }}>
        {exceptions.map(({ number, outcome, by, detail }) => (
          <li key={number}>
            <Link href={`/alerts/${number}`}>{alertName(number)}</Link>{" "}
            {outcome === "changed"
              ? `changed meanwhile: ${by ?? "somebody"} ${detail ?? "changed it"}`
              : `not done: ${detail}`}
          </li>
        ))}
      </ul>
      {waiting === 0 ? (
        <Button mt="md" variant="default" onClick={onClose}>
          Close
        </Button>
      ) : null}
    </Modal>
  );
}
