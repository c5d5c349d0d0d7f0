import type { Statement } from "#server/layers/authorization/brief-schema.ts";
import { ToneIcon } from "../ui/badge.tsx";
import classes from "./authorization.module.css";

/** What to weigh and what to know, as the engines said it. */
export function StatementList({ statements, label }: { statements: readonly Statement[]; label: string }) {
  return (
    <ul className={classes.statements} aria-label={label}>
      {statements.map(({ id, tone, detail }) => (
        <li key={`${id} ${detail}`}>
          <ToneIcon tone={tone === "warn" ? "medium" : "neutral"} />
          <span>
            {tone === "warn" ? <span className="visually-hidden">To weigh: </span> : null}
            {detail}
          </span>
        </li>
      ))}
    </ul>
  );
}
