import type { RecordDetail } from "#server/layers/audit/schema.ts";
import { CopyText } from "../ui/copy-text.tsx";
import { formatBytes } from "../ui/format.ts";
import { Facts } from "../ui/page-head.tsx";
import { Panel } from "../ui/panel.tsx";
import classes from "./audit.module.css";

type Payload = NonNullable<RecordDetail["payload"]>;

/** The agent's own bytes as it sent them, and its signature over them. */
export function RecordPayload({ payload }: { payload: Payload }) {
  return (
    <Panel
      title="What the agent sent"
      note={`${formatBytes(payload.bytes)}${payload.actions ? `, ${payload.actions.length} actions` : ""}`}
      flush
    >
      <pre className={classes.code}>
        {payload.actions ? JSON.stringify(payload.actions, null, 2) : payload.text}
      </pre>
      {payload.truncated ? (
        <p className="muted" style={{ margin: 0, padding: "0 14px 10px" }}>
          Cut here for the screen. The whole is kept and was signed.
        </p>
      ) : null}
      <div style={{ padding: "10px 14px", borderTop: "1px solid var(--v-line)" }}>
        <Facts
          facts={[
            [
              "Signed by key",
              <CopyText key="key" text={payload.keyId} label="key of the agent's signature" />,
            ],
            ["Signature", <CopyText key="signature" text={payload.signature} label="signature" />],
          ]}
        />
        <details style={{ marginTop: 8 }}>
          <summary>What the signature covers (RFC 9421)</summary>
          <pre className={classes.code}>{payload.signatureBase}</pre>
        </details>
      </div>
    </Panel>
  );
}
