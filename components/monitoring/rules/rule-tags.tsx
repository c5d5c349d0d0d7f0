import {
  ATLAS_TECHNIQUES,
  OWASP_AGENTIC,
  type RuleTags,
} from "#server/layers/monitoring/rule-tags-schema.ts";
import classes from "./rules.module.css";

function named({ atlas, owasp }: RuleTags) {
  return [
    ...atlas.map((id) => ({ id, name: ATLAS_TECHNIQUES[id], list: "MITRE ATLAS" })),
    ...owasp.map((id) => ({ id, name: OWASP_AGENTIC[id], list: "OWASP Agentic" })),
  ];
}

/** The published names of what a rule looks for. */
export function TagList({ tags }: { tags: RuleTags }) {
  const all = named(tags);
  if (all.length === 0) return <span className="muted">none</span>;
  return (
    <ul className={classes.tags}>
      {all.map(({ id, name, list }) => (
        <li key={id} title={list}>
          <span className="mono">{id}</span> {name}
        </li>
      ))}
    </ul>
  );
}

/** The first id, and how many more: for a cell of a table. */
export function TagsInShort({ tags }: { tags: RuleTags }) {
  const all = named(tags);
  const [first, ...more] = all;
  if (!first) return <span className="muted">none</span>;
  return (
    <span className="mono" title={all.map(({ id, name }) => `${id} ${name}`).join(", ")}>
      {first.id}
      {more.length > 0 ? ` +${more.length}` : ""}
    </span>
  );
}
