import type { TrustView } from "#server/layers/authorization/trust-schema.ts";
import { Instant } from "../ui/instant.tsx";
import { signed } from "./trust-points.ts";

/** Why trust is what it is: each input with its part in the sum, and when time alone will have taken it away. */
export function TrustContributions({ contributions }: Pick<TrustView, "contributions">) {
  return (
    <ul
      aria-label="What makes up trust"
      style={{ listStyle: "none", margin: 0, padding: 0, display: "grid", gap: 4 }}
    >
      {contributions.map((one) => (
        <li key={one.input} style={{ display: "flex", gap: 10, alignItems: "baseline" }}>
          <span className="mono" style={{ flex: "0 0 48px", textAlign: "right" }}>
            {signed(one.value)}
          </span>
          <span style={{ flex: 1, minWidth: 0 }}>
            <strong>{one.input}</strong>: {one.detail}
            {one.endsAt ? (
              <span className="muted">
                {one.value < 0 ? " Gone " : " Ends "}
                <Instant at={one.endsAt} as="future" />.
              </span>
            ) : null}
          </span>
        </li>
      ))}
    </ul>
  );
}
