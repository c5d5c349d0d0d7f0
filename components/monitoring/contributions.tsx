import type { Contribution } from "#server/layers/monitoring/schema.ts";
import { Badge } from "../ui/badge.tsx";
import classes from "./monitoring.module.css";

/** Why the score is what it is: each feature's value against what is usual, and its part in the score. */
export function Contributions({ contributions }: { contributions: readonly Contribution[] }) {
  const parts = contributions.filter((one) => one.share > 0.005 || one.flag !== null);
  if (parts.length === 0) return <p className="muted">Every feature is where it usually is.</p>;
  return (
    <ul className={classes.contributions} aria-label="What makes up the score">
      {parts.map((one) => (
        <li key={one.feature}>
          <span className={classes.flag}>
            <Badge tone={one.flag === "alert" ? "critical" : one.flag === "warning" ? "medium" : "neutral"}>
              {one.flag ?? "usual"}
            </Badge>
          </span>
          <span className={classes.words}>{one.words}</span>
          <span className={classes.part} title="Part of the score">
            {Math.round(one.share * 100)} %
          </span>
        </li>
      ))}
    </ul>
  );
}
