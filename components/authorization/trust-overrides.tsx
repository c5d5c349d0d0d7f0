"use client";

import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { OverrideState, OverrideView } from "#server/layers/authorization/trust-schema.ts";
import { usePermits } from "../shell/operator.tsx";
import { useTRPC } from "../trpc/client.ts";
import { Badge } from "../ui/badge.tsx";
import { ConfirmDialog } from "../ui/confirm-dialog.tsx";
import { Instant } from "../ui/instant.tsx";
import type { Tone } from "../ui/tone.ts";
import { DecideOverride } from "./decide-override.tsx";
import { durationWords } from "./duration.ts";

const SHOWN = 5;
const TONES: Record<OverrideState, Tone> = {
  pending: "medium",
  counting: "medium",
  ended: "neutral",
  denied: "neutral",
  withdrawn: "neutral",
  expired: "neutral",
};

/** What was asked to be set by hand, newest first: the open request to decide, what counts to end. */
export function TrustOverrides({ overrides }: { overrides: readonly OverrideView[] }) {
  const [ending, setEnding] = useState<OverrideView | null>(null);
  const mayEnd = usePermits("trust.end");
  if (overrides.length === 0) return <p className="muted">Trust in it was never set by hand.</p>;
  return (
    <>
      <ul
        aria-label="Trust set by hand"
        style={{ listStyle: "none", margin: 0, padding: 0, display: "grid", gap: 12 }}
      >
        {overrides.slice(0, SHOWN).map((one) => (
          <li key={one.id} style={{ display: "grid", gap: 6 }}>
            <div style={{ display: "flex", gap: 10, alignItems: "baseline", flexWrap: "wrap" }}>
              <Badge tone={TONES[one.state]}>{one.state}</Badge>
              <div style={{ flex: 1, minWidth: 0 }}>
                <Told override={one} />
              </div>
              {mayEnd && (one.state === "pending" || one.state === "counting") ? (
                <Button size="compact-xs" variant="default" onClick={() => setEnding(one)}>
                  {one.state === "pending" ? "Withdraw…" : "End now…"}
                </Button>
              ) : null}
            </div>
            {one.state === "pending" ? <DecideOverride override={one} /> : null}
          </li>
        ))}
      </ul>
      {ending ? <EndDialog override={ending} onClose={() => setEnding(null)} /> : null}
    </>
  );
}

function Told({ override: it }: { override: OverrideView }) {
  return (
    <>
      <span className="mono">{it.score}</span> for {durationWords(it.durationSeconds)}, asked by{" "}
      {it.requesterName} <Instant at={it.requestedAt} as="ago" />: {it.reason}
      {it.deciderName && it.decidedAt ? (
        <div>
          Decided by {it.deciderName} <Instant at={it.decidedAt} as="ago" />: {it.decisionReason}
        </div>
      ) : null}
      {it.state === "pending" ? (
        <div className="muted">
          Open until <Instant at={it.openUntil} />
        </div>
      ) : null}
      {it.endsAt ? (
        <div className="muted">
          {it.state === "counting" ? "Ends" : "Ended"} <Instant at={it.endsAt} as="future" />
        </div>
      ) : null}
    </>
  );
}

function EndDialog({ override, onClose }: { override: OverrideView; onClose: () => void }) {
  const trpc = useTRPC();
  const end = useMutation(trpc.trust.endOverride.mutationOptions({ onSuccess: onClose }));
  const counts = override.state === "counting";
  return (
    <ConfirmDialog
      opened
      onClose={onClose}
      title={counts ? "End trust set by hand" : "Withdraw the request"}
      confirmLabel={counts ? "End now" : "Withdraw"}
      reason={{ label: "Reason" }}
      pending={end.isPending}
      error={end.error}
      onConfirm={(reason) => end.mutate({ id: override.id, reason })}
    >
      <p style={{ marginTop: 0 }}>
        {counts
          ? "From now on what is computed counts again. Tokens that were issued meanwhile go on until their end."
          : "The request ends undecided. It can be asked again."}
      </p>
    </ConfirmDialog>
  );
}
