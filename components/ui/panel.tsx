import { type ReactNode, useId } from "react";
import classes from "./panel.module.css";

type Props = {
  title: ReactNode;
  /** Beside the title: a badge for the panel's state. */
  state?: ReactNode;
  /** At the right of the head: an age, a hint, a control. */
  note?: ReactNode;
  /** Without padding, for tables and lists that draw their own edges. */
  flush?: boolean;
  children: ReactNode;
};

/** A titled area of a page: a region with its heading, so that screen readers can jump to it. */
export function Panel({ title, state, note, flush = false, children }: Props) {
  const id = useId();
  return (
    <section className={classes.panel} aria-labelledby={id}>
      <header className={classes.head}>
        <h2 className={classes.title} id={id}>
          {title}
        </h2>
        {state}
        {note === undefined ? null : <div className={classes.note}>{note}</div>}
      </header>
      <div className={flush ? classes.flush : classes.body}>{children}</div>
    </section>
  );
}
