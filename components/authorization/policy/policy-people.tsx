"use client";

import type { CurrentPolicyView } from "#server/layers/authorization/proposal-schema.ts";
import { Facts } from "../../ui/page-head.tsx";
import { Panel } from "../../ui/panel.tsx";
import { durationWords } from "../duration.ts";

/** Who decides and who may break glass, by name. */
export function PolicyPeople({ policy }: { policy: CurrentPolicyView }) {
  const { approverGroups, breakGlass } = policy.document;
  const names = (ids: readonly string[]) => ids.map((id) => policy.people[id] ?? `${id} (gone)`).join(", ");
  return (
    <Panel title="People">
      <Facts
        facts={[
          ["approvers", "everybody who holds the role approver"],
          ...approverGroups.map(
            ({ name, title, members }) =>
              [
                title,
                members.length > 0 ? names(members) : `nobody: what ${name} decides cannot be approved`,
              ] as const,
          ),
          [
            "Break glass",
            breakGlass.people.length > 0
              ? `${names(breakGlass.people)}; for at most ${durationWords(breakGlass.secondsMax)}, reviewed within ${durationWords(breakGlass.reviewWithinSeconds)}`
              : "nobody",
          ],
        ]}
      />
    </Panel>
  );
}

/** The numbers that hold for every scope. */
export function PolicyThresholds({ policy }: { policy: CurrentPolicyView }) {
  const { mediumTrustAbove, tokenSecondsMax, approvalOpenSeconds, reaskAfterSeconds, clientAuth } =
    policy.document;
  return (
    <Panel title="Thresholds">
      <Facts
        facts={[
          ["MEDIUM needs", `trust above ${mediumTrustAbove}`],
          ["A token lives", `at most ${durationWords(tokenSecondsMax)}`],
          ["A request waits", durationWords(approvalOpenSeconds)],
          ["After a denial", `an agent asks anew after ${durationWords(reaskAfterSeconds)}`],
          ["Agents prove themselves by", clientAuth.join(", ")],
        ]}
      />
    </Panel>
  );
}
