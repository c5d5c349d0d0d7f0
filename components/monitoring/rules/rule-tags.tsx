import {
  ATLAS_TECHNIQUES,
  OWASP_AGENTIC,
  type RuleTags,
} from "#server/layers/monitoring/rule-tags-schema.ts";
import { Badge } from "../../ui/badge.tsx";
import classes from "./rules.module.css";

/** The published names of what a rule looks for. `short` shows the ids alone, with the name on hover. */
export function TagList({ tags, short = false }: { tags: RuleTags; short?: boolean }) {
  const all = [
    ...tags.atlas.map((id) => ({ id, name: ATLAS_TECHNIQUES[id], list: "MITRE ATLAS" })),
    ...tags.owasp.map((id) => ({ id, name: OWASP_AGENTIC[id], list: "OWASP Agentic" })),
  ];
  if (all.length === 0) return <span className="muted">none</span>;
  return (
    <ul className={classes.tags}>
      {all.map(({ id, name, list }) => (
        <li key={id} title={`${list}: ${name}`}>
          <Badge tone="neutral" outline>
            {short ? (
              <>
                {id}
                <span className="visually-hidden"> {name}</span>
              </>
            ) : (
              `${id} ${name}`
            )}
          </Badge>
        </li>
      ))}
    </ul>
  );
}
