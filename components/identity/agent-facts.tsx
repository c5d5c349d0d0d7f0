"use client";

import { useState } from "react";
import type {
  ClaimView,
  FactsView,
  LevelView,
  PersonAuthority,
} from "#server/layers/identity/facts-schema.ts";
import { CheckList } from "../ui/check-list.tsx";
import { Loaded } from "../ui/loaded.tsx";
import { Panel } from "../ui/panel.tsx";
import { AttestClaim } from "./attest-claim.tsx";
import { FactClaim } from "./fact-claim.tsx";
import classes from "./facts.module.css";
import { levelSentence } from "./facts-words.ts";
import { LevelBadge } from "./level-badge.tsx";
import { StateClaim } from "./state-claim.tsx";
import { useFacts } from "./use-facts.ts";
import { WithdrawAttestation } from "./withdraw-attestation.tsx";

/** What a person is about to do with a claim. */
export type FactsAct =
  | { kind: "state"; claim: ClaimView }
  | { kind: "attest"; claim: ClaimView; authority: PersonAuthority }
  | { kind: "withdraw"; claim: ClaimView; authority: PersonAuthority; attestationId: string };

/** What is claimed of an agent, who bears out which claim until when, and the level that follows. */
export function AgentFacts({ name }: { name: string }) {
  const facts = useFacts(name);
  return (
    <Panel
      title="Facts"
      state={facts.data ? <LevelBadge effective={facts.data.level.effective} alone /> : null}
      note="What is claimed, and who bears it out"
      flush
    >
      <Loaded query={facts} what="its facts" rows={6}>
        {(data) => <FactList facts={data} />}
      </Loaded>
    </Panel>
  );
}

function FactList({ facts }: { facts: FactsView }) {
  const [act, setAct] = useState<FactsAct | null>(null);
  const close = () => setAct(null);
  return (
    <>
      <LevelSummary level={facts.level} />
      <ul className={classes.claims}>
        {facts.claims.map((claim) => (
          <FactClaim key={claim.claim} claim={claim} facts={facts} onAct={setAct} />
        ))}
      </ul>
      {act?.kind === "state" ? <StateClaim facts={facts} claim={act.claim} onClose={close} /> : null}
      {act?.kind === "attest" ? (
        <AttestClaim facts={facts} claim={act.claim} authority={act.authority} onClose={close} />
      ) : null}
      {act?.kind === "withdraw" ? (
        <WithdrawAttestation
          claim={act.claim}
          authority={act.authority}
          attestationId={act.attestationId}
          onClose={close}
        />
      ) : null}
    </>
  );
}

function LevelSummary({ level }: { level: LevelView }) {
  const next = level.steps.find((step) => !step.reached);
  const missing = next?.checks.filter((check) => !check.passed) ?? [];
  return (
    <div className={classes.level}>
      <p className={classes.sentence}>
        <strong>{levelSentence(level.claimed, level.effective)}</strong>{" "}
        {next ? `For ${next.level} it lacks ${missing.length} of ${next.checks.length}:` : null}
      </p>
      {next ? <CheckList checks={missing} /> : null}
      <details style={{ marginTop: 8 }}>
        <summary>What each level asks</summary>
        <div className={classes.steps}>
          {level.steps.map((step) => (
            <div key={step.level}>
              <h3>
                {step.level} <span className={classes.small}>{step.reached ? "reached" : "not reached"}</span>
              </h3>
              <CheckList checks={step.checks} />
            </div>
          ))}
        </div>
      </details>
    </div>
  );
}
