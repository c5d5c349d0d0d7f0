import type { RecordDetail } from "#server/layers/audit/schema.ts";
import { Badge } from "../ui/badge.tsx";
import { CopyText } from "../ui/copy-text.tsx";
import { formatCount, formatIso, shortDigest } from "../ui/format.ts";
import { EmptyState } from "../ui/notices.tsx";
import { Facts } from "../ui/page-head.tsx";
import { Panel } from "../ui/panel.tsx";
import classes from "./audit.module.css";

/** The record's place in the chain, and its path to a signed checkpoint. */
export function RecordProof({ record }: { record: RecordDetail }) {
  const { chain, proof } = record;
  return (
    <>
      <Panel title="In the chain">
        {chain ? (
          <Facts
            facts={[
              ["Number", formatCount(chain.seq)],
              [
                "Chained",
                <span key="at" className="mono">
                  {formatIso(chain.chainedAt)}
                </span>,
              ],
              [
                "Hash",
                <CopyText
                  key="hash"
                  text={chain.hash}
                  shown={shortDigest(chain.hash, 10)}
                  label="hash in the chain"
                />,
              ],
              [
                "Previous",
                <CopyText
                  key="prev"
                  text={chain.prevHash}
                  shown={shortDigest(chain.prevHash, 10)}
                  label="hash of the previous entry"
                />,
              ],
            ]}
          />
        ) : (
          <EmptyState title="Durable, not chained yet">The sequencer numbers it within a moment.</EmptyState>
        )}
      </Panel>
      <Panel
        title="Inclusion proof"
        state={
          proof ? (
            <Badge tone={proof.verifies ? "ok" : "critical"}>
              {proof.verifies ? "verifies" : "does not verify"}
            </Badge>
          ) : null
        }
      >
        {proof ? (
          <div style={{ display: "grid", gap: 12 }}>
            <Facts
              facts={[
                ["Checkpoint", `size ${formatCount(proof.checkpoint.size)}`],
                [
                  "Signed",
                  <span key="at" className="mono">
                    {formatIso(proof.checkpoint.at)}
                  </span>,
                ],
                ["Key", <CopyText key="key" text={proof.checkpoint.keyId} label="key of the checkpoint" />],
                [
                  "Root",
                  <CopyText
                    key="root"
                    text={proof.checkpoint.root}
                    shown={shortDigest(proof.checkpoint.root, 10)}
                    label="root"
                  />,
                ],
                [
                  "Leaf",
                  <CopyText
                    key="leaf"
                    text={proof.leafHash}
                    shown={shortDigest(proof.leafHash, 10)}
                    label="leaf hash"
                  />,
                ],
              ]}
            />
            <details>
              <summary>Path of {proof.path.length} hashes, and the signed note</summary>
              <ol className={classes.hashes}>
                {proof.path.map((hash) => (
                  <li key={hash}>{hash}</li>
                ))}
              </ol>
              <pre className={classes.code}>{proof.checkpoint.note}</pre>
            </details>
          </div>
        ) : (
          <EmptyState title="Not provable yet">
            The next signed checkpoint, within a second or two, covers it.
          </EmptyState>
        )}
      </Panel>
    </>
  );
}
