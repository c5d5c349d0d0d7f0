"use client";

import { Button, Group } from "@mantine/core";
import {
  type AuthorityView,
  type ClaimView,
  type FactsView,
  personAuthority,
} from "#server/layers/identity/facts-schema.ts";
import { usePermits } from "../shell/operator.tsx";
import { Badge } from "../ui/badge.tsx";
import { toMs } from "../ui/format.ts";
import { Instant } from "../ui/instant.tsx";
import { useNow } from "../ui/server-clock.ts";
import type { FactsAct } from "./agent-facts.tsx";
import classes from "./facts.module.css";
import { AUTHORITY_NAMES, CLAIM_NAMES, STANDING_WORDS, valueLines } from "./facts-words.ts";

type Props = { claim: ClaimView; facts: FactsView; onAct: (act: FactsAct) => void };

/** One claim: its value, who stated it, and how each authority that the levels ask stands to it now. */
export function FactClaim({ claim, facts, onAct }: Props) {
  const mayState = usePermits("facts.state");
  const stateable = mayState && claim.claim !== "core_identity" && isNew(claim, facts);
  return (
    <li className={classes.claim}>
      <div>
        <h3 className={classes.name}>
          {CLAIM_NAMES[claim.claim]}
          {stateable ? (
            <Button
              size="compact-xs"
              variant="subtle"
              aria-label={`${claim.value ? "Change" : "State"} ${CLAIM_NAMES[claim.claim].toLowerCase()}`}
              onClick={() => onAct({ kind: "state", claim })}
            >
              {claim.value ? "Change…" : "State…"}
            </Button>
          ) : null}
        </h3>
        <ClaimValue claim={claim} facts={facts} />
        {claim.statedAt ? (
          <div className={classes.small}>
            Stated by {claim.statedBy ?? "nobody known"}, <Instant at={claim.statedAt} />
            {claim.published ? "" : "; kept inside the bank"}
          </div>
        ) : null}
      </div>
      <ul className={classes.authorities} aria-label={`Attestations: ${CLAIM_NAMES[claim.claim]}`}>
        {claim.authorities.map((one) => (
          <Authority key={one.authority} claim={claim} view={one} onAct={onAct} />
        ))}
      </ul>
    </li>
  );
}

/** The register's own claim is stated once: again only where the register says something else now. */
function isNew(claim: ClaimView, facts: FactsView): boolean {
  if (claim.claim !== "owner") return true;
  return facts.ownerId !== null && claim.value?.owner_id !== facts.ownerId;
}

function ClaimValue({ claim, facts }: { claim: ClaimView; facts: FactsView }) {
  if (!claim.value) return <p className={`${classes.value} muted`}>Not stated yet</p>;
  if (claim.claim === "owner" && claim.value.owner_id === facts.ownerId)
    return <p className={classes.value}>{facts.ownerEmail ?? facts.ownerId}</p>;
  if (claim.claim === "compliance_level")
    return <p className={classes.value}>Claimed: {String(claim.value.compliance_level)}</p>;
  return (
    <dl className={classes.value}>
      {valueLines(claim.value).map(([name, text]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  );
}

function Authority({ claim, view, onAct }: { claim: ClaimView; view: AuthorityView; onAct: Props["onAct"] }) {
  const { word, tone } = STANDING_WORDS[view.standing];
  const hindrance = view.mayAttest && hindranceOf(view.mayAttest.checks);
  return (
    <li className={classes.authority}>
      <Badge tone={tone}>{word}</Badge>
      <span>{AUTHORITY_NAMES[view.authority]}</span>
      <AuthorityAct claim={claim} view={view} onAct={onAct} />
      <span className={`${classes.small} ${classes.detail}`}>
        <Detail view={view} />
        {hindrance && view.standing !== "attested" ? <div>{hindrance}</div> : null}
      </span>
    </li>
  );
}

/** From here on an attestation is renewed, so that none has to end first. */
const RENEW_MS = 30 * 86_400_000;

function AuthorityAct({
  claim,
  view,
  onAct,
}: {
  claim: ClaimView;
  view: AuthorityView;
  onAct: Props["onAct"];
}) {
  const now = useNow();
  const authority = personAuthority.safeParse(view.authority).data;
  const what = `${CLAIM_NAMES[claim.claim].toLowerCase()} as ${AUTHORITY_NAMES[view.authority].toLowerCase()}`;
  if (!authority) return null;
  const { attestationId, expiresAt } = view;
  const attested = view.standing === "attested";
  const due = !attested || (expiresAt !== null && toMs(expiresAt) - now < RENEW_MS);
  return (
    <Group gap={6} wrap="nowrap">
      {view.mayAttest?.allowed && due ? (
        <Button
          size="compact-xs"
          variant="light"
          aria-label={`${attested ? "Renew the attestation of" : "Attest"} ${what}`}
          onClick={() => onAct({ kind: "attest", claim, authority })}
        >
          {attested ? "Renew…" : "Attest…"}
        </Button>
      ) : null}
      {view.mayWithdraw && attestationId ? (
        <Button
          size="compact-xs"
          variant="default"
          aria-label={`Withdraw the attestation of ${what}`}
          onClick={() => onAct({ kind: "withdraw", claim, authority, attestationId })}
        >
          Withdraw…
        </Button>
      ) : null}
    </Group>
  );
}

function Detail({ view }: { view: AuthorityView }) {
  if (view.standing !== "attested" || !view.expiresAt) return <>{view.detail}</>;
  if (!view.attestedBy)
    return (
      <>
        By live certificates; the first ends <Instant at={view.expiresAt} as="future" />
      </>
    );
  return (
    <>
      {view.attestedBy}, until <Instant at={view.expiresAt} />
    </>
  );
}

/** Why one who speaks for this authority may still not attest; nothing for those who do not speak for it. */
function hindranceOf(checks: readonly { id: string; passed: boolean; detail: string }[]): string | null {
  if (!checks.some((check) => check.id === "may-speak" && check.passed)) return null;
  return checks.find((check) => !check.passed && check.id !== "stated")?.detail ?? null;
}
