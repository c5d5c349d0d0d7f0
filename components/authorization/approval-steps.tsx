import type { StepView } from "#server/layers/authorization/schema.ts";
import { Badge } from "../ui/badge.tsx";
import { Panel } from "../ui/panel.tsx";
import type { Tone } from "../ui/tone.ts";

const TONES: Record<StepView["state"], Tone> = { done: "ok", open: "medium", later: "neutral" };

/** Who decides, in which order: each step with whose votes it has and whose it still needs. */
export function ApprovalSteps({ steps }: { steps: readonly StepView[] }) {
  return (
    <Panel title="Who decides">
      <ol style={{ margin: 0, padding: 0, listStyle: "none", display: "grid", gap: 12 }}>
        {steps.map((step, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place in the order; titles may repeat
          <li key={at}>
            <strong>
              {at + 1}. {step.title}
            </strong>{" "}
            <Badge tone={TONES[step.state]}>{step.state}</Badge>
            <ul style={{ margin: "4px 0 0", padding: 0, listStyle: "none" }}>
              {step.needs.map((need) => (
                <li key={need.from}>
                  {need.castBy.length} of {need.votes} from {need.title}
                  {need.castBy.length > 0 ? (
                    <span className="muted">: {need.castBy.map(({ name }) => name).join(", ")}</span>
                  ) : null}
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ol>
    </Panel>
  );
}
