"use client";

import { Checkbox } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { FEATURES, RESPONSE_THRESHOLDS } from "#server/layers/monitoring/schema.ts";
import { useTRPC } from "../../trpc/client.ts";
import { formatDuration } from "../../ui/format.ts";
import { Loaded } from "../../ui/loaded.tsx";
import { ACTION_RULES, ADVICE, CREDENTIALS } from "./agent-types.ts";
import type { Draft, Errors } from "./draft.ts";
import classes from "./enrolment.module.css";

type Props = { draft: Draft; errors: Errors; change: (draft: Draft) => void };
const HOUR_MS = 3_600_000;

/** What it may do from the first day, and what proves it, watches it and rotates without anybody asking. */
export function StepRights({ draft, errors, change }: Props) {
  const advice = ADVICE[draft.type ?? "other"];
  return (
    <>
      {advice.kind === "agent" ? (
        <StandingScopes draft={draft} errors={errors} change={change} />
      ) : (
        <p className="muted">A resource server holds no scope: it asks about the tokens of agents.</p>
      )}
      {advice.onApproval.length > 0 ? (
        <section className={classes.group}>
          <h3>On approval, when it asks</h3>
          <ul className={classes.list}>
            {advice.onApproval.map(({ scope, why }) => (
              <li key={scope}>
                <code>{scope}</code> <span className="muted">{why}</span>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      <Credentials />
      {advice.kind === "agent" ? <Monitoring watch={advice.watch} /> : null}
    </>
  );
}

function StandingScopes({ draft, errors, change }: Props) {
  const trpc = useTRPC();
  const policy = useQuery(trpc.grants.policy.queryOptions());
  const whys = new Map(ADVICE[draft.type ?? "other"].standing.map((it) => [it.scope, it.why]));
  return (
    <Loaded query={policy} what="the scopes" rows={4}>
      {({ scopes }) => (
        <Checkbox.Group
          label="Standing scopes"
          description="Base scopes, which it has until somebody takes them back. What is advised is ticked."
          value={[...draft.scopes]}
          error={errors.scopes}
          onChange={(chosen) => change({ ...draft, scopes: chosen })}
        >
          <div className={classes.list} style={{ marginTop: 10 }}>
            {scopes
              .filter((rule) => rule.group === "base")
              .map((rule) => (
                <Checkbox
                  key={rule.scope}
                  value={rule.scope}
                  label={rule.scope}
                  description={whys.get(rule.scope) ?? `${rule.title}. Not advised for this kind of work.`}
                />
              ))}
          </div>
        </Checkbox.Group>
      )}
    </Loaded>
  );
}

function Credentials() {
  return (
    <section className={classes.group}>
      <h3>Credentials and their rotation</h3>
      <p className="muted" style={{ marginTop: 0 }}>
        The agent makes five keys itself and renews each when two thirds of its life are over, with a new key.
        The radar shows a renewal as overdue from three quarters on.
      </p>
      <ul className={classes.list}>
        {CREDENTIALS.map(({ purpose, why, lifeHours }) => (
          <li key={purpose}>
            <strong>{purpose}</strong> {why}; it lives {formatDuration(lifeHours * HOUR_MS)} and is renewed
            every {formatDuration((lifeHours * HOUR_MS * 2) / 3)}.
          </li>
        ))}
      </ul>
    </section>
  );
}

function Monitoring({ watch }: { watch: (typeof ADVICE)["other"]["watch"] }) {
  const { record, limit, contain } = RESPONSE_THRESHOLDS;
  return (
    <section className={classes.group}>
      <h3>Monitoring from the first action on</h3>
      <ul className={classes.list}>
        {ACTION_RULES.map((rule) => (
          <li key={rule.id}>{rule.says}</li>
        ))}
        <li>
          Once its usual behaviour is learned, a score above {record} is recorded, above {limit} the agent is
          limited and above {contain} contained.
        </li>
        {watch.map(({ feature, why }) => (
          <li key={feature}>
            Look first at its <strong>{FEATURES.find((it) => it.key === feature)?.title}</strong>.{" "}
            <span className="muted">{why}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
