import type { ReactNode } from "react";
import classes from "./page.module.css";

type Props = {
  title: string;
  /** Badges of the thing's state. */
  state?: ReactNode;
  /** One line of truth beside the title. */
  line?: ReactNode;
  actions?: ReactNode;
};

/** The head of a page: its one h1, its state and what may be done. */
export function PageHead({ title, state, line, actions }: Props) {
  return (
    <div className={classes.head}>
      <h1 className={`${classes.title} ${classes.long}`} title={title}>
        {title}
      </h1>
      {state}
      {line ? <span className={classes.line}>{line}</span> : null}
      {actions ? <div className={classes.actions}>{actions}</div> : null}
    </div>
  );
}

/** Named facts, one a line. What is not known says so. */
export function Facts({ facts }: { facts: readonly (readonly [name: string, value: ReactNode])[] }) {
  return (
    <dl className={classes.facts}>
      {facts.map(([name, value]) => (
        <div key={name} style={{ display: "contents" }}>
          <dt>{name}</dt>
          <dd>{value ?? <span className="muted">not known</span>}</dd>
        </div>
      ))}
    </dl>
  );
}
